import { type DescMessage, fromJsonString } from "@bufbuild/protobuf";
import { DescriptorProtoSchema, StructSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BoundedJsonDecoder } from "../../src/json/bounded-json-decoder.ts";
import { isTooDeep } from "../../src/json/json-depth.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** How many objects and lists lie in each other in a value. */
function levelsOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(levelsOf));
}

/** JSON of any form, whose texts are full of brackets, quotes and backslashes. */
const texts = fc.string({ unit: fc.constantFrom("[", "]", "{", "}", '"', "\\", "a", "é", "🙂", "\n") });
const { json: values } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 6 },
    texts,
    fc.constantFrom(null, true, 0, -1.5e3),
    fc.array(tie("json"), { maxLength: 4 }),
    fc.dictionary(texts, tie("json"), { maxKeys: 4 }),
  ),
}));

describe("JSON", () => {
  it("is too deep exactly where more objects and lists than may lie in each other", () => {
    fc.assert(
      fc.property(values, fc.nat(7), fc.nat(2), (value, most, indent) => {
        const isDeeper = levelsOf(value) > most;
        expect(isTooDeep(bytesOf(JSON.stringify(value, null, indent)), most)).toBe(isDeeper);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(["[".repeat(200), "]".repeat(300), `"${"[".repeat(300)}`, `"\\${'"'.repeat(3)}${"[".repeat(300)}`])(
    "that is none is left to its parser where that cannot go deeper (case %#)",
    (text) => {
      expect(isTooDeep(bytesOf(text))).toBe(false);
    },
  );
});

/** JSON of a message that holds one of its own type, so many times. */
function nestedJson(times: number, open: string, close: string): string {
  return `${open.repeat(times)}{}${close.repeat(times)}`;
}

describe("a message", () => {
  it.each<[string, DescMessage, string, string]>([
    ["of messages in lists", DescriptorProtoSchema, '{"nestedType":[', "]}"],
    ["of objects", StructSchema, '{"a":', "}"],
  ])("%s is not too deep where it can be read at all", (_, desc, open, close) => {
    const canBeRead = (text: string) => {
      try {
        return fromJsonString(desc, text) !== undefined;
      } catch {
        return false;
      }
    };
    let times = 0;
    while (canBeRead(nestedJson(times + 1, open, close))) times++;
    expect(isTooDeep(bytesOf(nestedJson(times, open, close)))).toBe(false);
  });
});

describe("the decoder", () => {
  it("decodes as a TextDecoder does, half characters too", () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, 0x22, 0xc3, 0x22);
    expect(new BoundedJsonDecoder().decode(bytes)).toBe('"\ufffd"');
  });

  it("says how deep JSON may be", () => {
    const decoder = new BoundedJsonDecoder();
    expect(() => decoder.decode(bytesOf("[".repeat(201)))).toThrow(
      "JSON is nested more than 200 levels deep",
    );
  });
});
