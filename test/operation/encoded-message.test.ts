import { create } from "@bufbuild/protobuf";
import { type Any, anyPack, EmptySchema, Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { encode, packed, unpacked } from "../../src/operation/encoded-message.ts";

const hello = create(StringValueSchema, { value: "hello" });

/** What no TypeScript lets through, and a caller without types may give. */
const otherMessage = create(EmptySchema) as unknown as typeof hello;

describe("encode", () => {
  it("makes a message of its fields", () => {
    expect(encode(StringValueSchema, { value: "hello" })).toEqual(hello);
  });

  it("takes a message of that type", () => {
    expect(encode(StringValueSchema, hello)).toEqual(hello);
  });

  it("refuses a message of another type, and names both", () => {
    expect(() => encode(StringValueSchema, otherMessage)).toThrow(
      /google\.protobuf\.StringValue.*google\.protobuf\.Empty/,
    );
  });
});

describe("packed", () => {
  it.each([hello, { value: "hello" }])("is an Any of that type: %j", (init) => {
    expect(packed(StringValueSchema, init)).toEqual(anyPack(StringValueSchema, hello));
  });

  it("does not change with the message", () => {
    const message = create(StringValueSchema, { value: "hello" });
    const any = packed(StringValueSchema, message);
    message.value = "changed";
    expect(any).toEqual(anyPack(StringValueSchema, hello));
  });

  it("refuses a message of another type", () => {
    expect(() => packed(StringValueSchema, otherMessage)).toThrow(TypeError);
  });

  it("refuses what cannot be encoded", () => {
    expect(() => packed(Int32ValueSchema, { value: 2 ** 31 })).toThrow("google.protobuf.Int32Value.value");
  });
});

describe("unpacked", () => {
  it("is the message that was packed", () => {
    expect(unpacked(StringValueSchema, packed(StringValueSchema, hello))).toEqual(hello);
  });

  it("takes a type URL of any origin", () => {
    const any: Any = {
      ...packed(StringValueSchema, hello),
      typeUrl: "example.com/google.protobuf.StringValue",
    };
    expect(unpacked(StringValueSchema, any)).toEqual(hello);
  });

  it("refuses an Any of another type, and names both", () => {
    expect(() => unpacked(StringValueSchema, packed(EmptySchema, {}))).toThrow(
      /google\.protobuf\.StringValue.*google\.protobuf\.Empty/,
    );
  });
});
