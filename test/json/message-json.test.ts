import { clone, create, createRegistry, equals, type JsonValue, toJson } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { type Any, AnySchema, DurationSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ListOperationsResponseSchema, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { messageFromJson, messageToJson } from "../../src/json/message-json.ts";
import {
  anyOf,
  arbitraryAny,
  arbitraryOperation,
  BROKEN,
  BROKEN_JSON,
  FOREIGN,
  FOREIGN_JSON,
  packed,
  someRegistry,
} from "./sample-anys.ts";

const registry = someRegistry();

describe("messageToJson", () => {
  it("writes an Any of a known type as toJson does", () => {
    const any = packed(StringValueSchema, { value: "known" });
    expect(jsonOf(any)).toEqual({
      "@type": "type.googleapis.com/google.protobuf.StringValue",
      value: "known",
    });
  });

  it.each([
    ["of an unknown type", FOREIGN, FOREIGN_JSON],
    ["whose bytes are none of its type", BROKEN, BROKEN_JSON],
    ["whose value JSON cannot have", packed(DurationSchema, { seconds: 1n, nanos: -1 }), undefined],
    ["of an empty type name", anyOf("type.googleapis.com/", [1]), undefined],
    ["of a type name that is none", anyOf("a b/ü 🙂", [1]), undefined],
    ["of an unknown type with a port and a path", anyOf("https://example.com:1/a/b.C", [1]), undefined],
  ])("writes an Any %s as its type URL and its bytes", (_, any, json) => {
    expect(jsonOf(any)).toEqual(json ?? bytesJson(any));
  });

  it("writes nothing for an Any that is empty", () => {
    expect(jsonOf(create(AnySchema))).toEqual({});
  });

  it("shows a known message around an unknown one", () => {
    const any = packed(StatusSchema, {
      code: 5,
      details: [packed(StringValueSchema, { value: "a" }), FOREIGN],
    });
    expect(jsonOf(any)).toEqual({
      "@type": "type.googleapis.com/google.rpc.Status",
      code: 5,
      details: [{ "@type": "type.googleapis.com/google.protobuf.StringValue", value: "a" }, FOREIGN_JSON],
    });
  });

  it("shows a known message around a broken one as its bytes", () => {
    const any = packed(StatusSchema, { details: [BROKEN] });
    expect(jsonOf(any)).toEqual(bytesJson(any));
  });

  it("shows all else of a page that has an operation of unknown types", () => {
    const page = create(ListOperationsResponseSchema, {
      operations: [
        { name: "operations/a", metadata: FOREIGN, done: true, result: { case: "response", value: BROKEN } },
        { name: "operations/b", metadata: packed(StringValueSchema, { value: "half" }) },
      ],
    });
    expect(messageToJson(ListOperationsResponseSchema, page, registry)).toEqual({
      operations: [
        { name: "operations/a", metadata: FOREIGN_JSON, done: true, response: BROKEN_JSON },
        {
          name: "operations/b",
          metadata: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: "half" },
        },
      ],
    });
  });

  it("leaves the message alone", () => {
    const operation = create(OperationSchema, {
      metadata: FOREIGN,
      result: { case: "response", value: BROKEN },
    });
    const before = clone(OperationSchema, operation);
    messageToJson(OperationSchema, operation, registry);
    expect(operation).toEqual(before);
  });

  it("goes by its options where an Any is unknown too", () => {
    const operation = create(OperationSchema, { metadata: FOREIGN });
    expect(messageToJson(OperationSchema, operation, registry, { alwaysEmitImplicit: true })).toMatchObject({
      name: "",
      done: false,
    });
  });

  it("still refuses what is wrong outside of every Any", () => {
    const duration = create(DurationSchema, { seconds: 1n, nanos: -1 });
    expect(() => messageToJson(DurationSchema, duration, registry)).toThrow("nanos sign");
  });

  it("shows as its bytes an Any that holds an unknown one two hundred Anys down", () => {
    let any = FOREIGN;
    for (let level = 0; level < 200; level++) any = packed(AnySchema, any);
    expect(jsonOf(any)).toEqual(bytesJson(any));
  });

  it("writes every operation there is", () => {
    fc.assert(
      fc.property(arbitraryOperation, (operation) => {
        messageToJson(OperationSchema, operation, registry);
      }),
      { numRuns: 2_000 },
    );
  });

  it("writes what toJson can write as toJson does, and everything else under its type URL", () => {
    fc.assert(
      fc.property(arbitraryAny, (any) => {
        const json = jsonOf(any);
        const plain = plainJson(any);
        if (plain !== undefined) expect(json).toEqual(plain);
        else expect(json).toMatchObject({ "@type": any.typeUrl });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("messageFromJson", () => {
  it.each([
    ["unknown", FOREIGN],
    ["known", packed(StringValueSchema, { value: "known" })],
    ["known, around an unknown one", packed(StatusSchema, { code: 5, details: [FOREIGN] })],
    ["unknown, and empty", anyOf("type.googleapis.com/far.away.Thing", [])],
  ])("reads an Any that is %s as it was written", (_, any) => {
    expect(fromJsonOf(jsonOf(any))).toEqual(any);
  });

  it.each([
    ["without a value", { "@type": "type.googleapis.com/far.away.Thing" }],
    ["with the fields of its type", { "@type": "type.googleapis.com/far.away.Thing", name: "n" }],
    ["with more than a value", { ...FOREIGN_JSON, name: "n" }],
    ["with a value that is no base64", { ...FOREIGN_JSON, value: "?" }],
    ["with a value that is no string", { ...FOREIGN_JSON, value: 7 }],
  ])("refuses an unknown Any %s", (_, json) => {
    expect(() => fromJsonOf(json)).toThrow(/^cannot (de|en)code/);
  });

  it("reads every unknown Any as it was written", () => {
    const unknown = fc.tuple(fc.stringMatching(/^far\.away\.[A-Z][a-z]*$/), fc.uint8Array());
    fc.assert(
      fc.property(unknown, ([name, value]) => {
        const any = anyOf(`type.googleapis.com/${name}`, [...value]);
        expect(equals(AnySchema, fromJsonOf(jsonOf(any)), any)).toBe(true);
      }),
    );
  });
});

/** What protobuf-es writes with a registry of the same types; undefined where it throws. */
function plainJson(any: Any): JsonValue | undefined {
  try {
    return toJson(AnySchema, any, { registry: createRegistry(...registry) });
  } catch {
    return undefined;
  }
}

function jsonOf(any: Any): JsonValue {
  return messageToJson(AnySchema, any, registry);
}

function fromJsonOf(json: JsonValue): Any {
  return messageFromJson(AnySchema, json, registry);
}

function bytesJson({ typeUrl, value }: Any): JsonValue {
  return { "@type": typeUrl, value: base64Encode(value) };
}
