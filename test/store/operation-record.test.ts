import { create, toBinary, type UnknownField } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { COLUMNS } from "../../src/store/columns.ts";
import { bytesOfOperation } from "../../src/store/operation-bytes.ts";
import { recordOf } from "../../src/store/operation-record.ts";
import { running } from "../../src/testing/store-contract/sample-operations.ts";

const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ minLength: 200, maxLength: 20_000 }));
const any = fc
  .record({ typeUrl: text, value: fc.uint8Array({ maxLength: 5_000 }) })
  .map((init) => create(AnySchema, init));
const status = fc
  .record({ code: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), message: text, details: fc.array(any) })
  .map((init) => create(StatusSchema, init));
const result: fc.Arbitrary<Operation["result"]> = fc.oneof(
  fc.constant({ case: undefined }),
  any.map((value) => ({ case: "response" as const, value })),
  status.map((value) => ({ case: "error" as const, value })),
);
const unknown = fc.option(
  fc.constant([{ no: 99, wireType: 2, data: Uint8Array.of(3, 1, 2, 3) }] as UnknownField[]),
  {
    nil: undefined,
  },
);
const operation = fc
  .record({ name: text, done: fc.boolean(), metadata: fc.option(any, { nil: undefined }), result, unknown })
  .map(({ unknown, metadata, ...init }) => {
    const message = create(OperationSchema, { ...init, ...(metadata && { metadata }) });
    if (unknown !== undefined) message.$unknown = unknown;
    return message;
  });

describe("the bytes of an operation", () => {
  it("are those of toBinary", () => {
    fc.assert(
      fc.property(operation, (message) => {
        const expected = Buffer.from(toBinary(OperationSchema, message)).toString("hex");
        expect(Buffer.from(bytesOfOperation(message)).toString("hex")).toBe(expected);
      }),
    );
  });

  it("are right after a message that could not be encoded", () => {
    const metadata = create(AnySchema, { typeUrl: "t" });
    const refuse = () => {
      throw new Error("no");
    };
    const broken = { ...create(OperationSchema, { name: "a" }), metadata };
    Object.defineProperty(metadata, "value", { get: refuse });
    const message = create(OperationSchema, { name: "b", done: true });
    expect(() => bytesOfOperation(broken)).toThrow("no");
    expect(bytesOfOperation(message)).toEqual(toBinary(OperationSchema, message));
  });
});

describe("the record of an operation", () => {
  it("has its columns in their order", () => {
    expect(Object.keys(recordOf(running("a")))).toEqual([...COLUMNS]);
  });
});
