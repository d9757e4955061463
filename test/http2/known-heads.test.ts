import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HeaderDecoder } from "../../src/http2/header-decoder.ts";
import { KnownHeads } from "../../src/http2/known-heads.ts";
import { headerBlocksOf } from "./header-blocks-of.ts";

const MOST_BYTES = 64 * 1024;

const text = (value: string) => Buffer.concat([Buffer.of(value.length), Buffer.from(value)]);

/** A field that is not to be indexed: `authorization` is the 23rd of the static table. */
const credential = (value: string) => Buffer.concat([Buffer.of(0x1f, 23 - 15), text(value)]);

/** A field that becomes the first of the table. */
const indexed = (name: string, value: string) => Buffer.concat([Buffer.of(0x40), text(name), text(value)]);

const FIRST_OF_TABLE = Buffer.of(0x80 | 62);

function headsOf(): (block: Buffer) => readonly string[] {
  const heads = new KnownHeads(new HeaderDecoder(MOST_BYTES));
  return (block) =>
    heads.decode(block, 0, block.byteLength).fields?.flatMap(({ name, value }) => [name, value]) ?? [];
}

describe("a block that says a credential each time", () => {
  const long = Buffer.concat([credential(`Bearer ${"a".repeat(100)}`), FIRST_OF_TABLE]);

  it("is read once", () => {
    const heads = new KnownHeads(new HeaderDecoder(MOST_BYTES));
    const block = credential(`Bearer ${"a".repeat(100)}`);
    const again = Buffer.concat([Buffer.from("before"), block, Buffer.from("behind")]);
    const first = heads.decode(block, 0, block.byteLength);
    expect(first.fields).toHaveLength(1);
    expect(heads.decode(again, 6, 6 + block.byteLength)).toBe(first);
  });

  it("says something else once the table is another", () => {
    const decode = headsOf();
    decode(indexed("x-a", "1"));
    const [, , ...before] = decode(long);
    decode(indexed("x-b", "2"));
    const [, , ...behind] = decode(long);
    expect([before, behind]).toEqual([
      ["x-a", "1"],
      ["x-b", "2"],
    ]);
  });

  it("which changes the table, changes it each time", () => {
    const decode = headsOf();
    const block = Buffer.concat([FIRST_OF_TABLE, credential("a".repeat(100)), indexed("x-a", "1")]);
    decode(indexed("x-b", "2"));
    expect([decode(block).slice(0, 2), decode(block).slice(0, 2)]).toEqual([
      ["x-b", "2"],
      ["x-a", "1"],
    ]);
  });

  it("is told from one with another credential, however many there are", () => {
    const decode = headsOf();
    for (let i = 0; i < 100; i++) {
      const value = `Bearer ${"a".repeat(100)}${i % 60}`;
      expect(decode(credential(value))).toEqual(["authorization", value]);
    }
  });

  it("keeps no bytes that its connection writes over", () => {
    const decode = headsOf();
    const bytes = credential("a".repeat(100));
    decode(bytes);
    bytes.fill("b", 3);
    expect(decode(bytes)).toEqual(["authorization", "b".repeat(100)]);
  });
});

it("blocks of node:http2's client say what they say to who knows none, in any order", async () => {
  const headers = fc.record(
    {
      authorization: fc.constantFrom("Bearer a", `Bearer ${"b".repeat(700)}`, `Bearer ${"c".repeat(700)}`),
      "x-long": fc.constantFrom("d".repeat(100), "e".repeat(3_000)),
      "x-any": fc.stringMatching(/^[a-z]{0,80}$/),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(headers, { minLength: 2, maxLength: 20 }), async (requests) => {
      const blocks = await headerBlocksOf(requests);
      const [heads, decoder] = [new KnownHeads(new HeaderDecoder(MOST_BYTES)), new HeaderDecoder(MOST_BYTES)];
      for (const block of blocks) {
        const known = heads.decode(block, 0, block.byteLength).fields;
        expect(known).toEqual(decoder.decode(block, 0, block.byteLength));
      }
    }),
    { numRuns: 30 },
  );
}, 60_000);
