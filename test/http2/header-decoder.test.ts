import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { REASON } from "../../src/http2/codes.ts";
import { ConnectionFault } from "../../src/http2/connection-fault.ts";
import { headerBlock } from "../../src/http2/header-block.ts";
import { HeaderDecoder } from "../../src/http2/header-decoder.ts";
import { headerBlocksOf } from "./header-blocks-of.ts";

const MOST_BYTES = 64 * 1024;

function decoded(decoder: HeaderDecoder, block: Buffer): string[] {
  return (
    decoder.decode(block, 0, block.byteLength)?.flatMap(({ name, value }) => [name, value]) ?? ["too many"]
  );
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

/** The code of the fault that a block is. */
function faultOf(block: Buffer): number | undefined {
  try {
    decoded(new HeaderDecoder(MOST_BYTES), block);
    return undefined;
  } catch (error) {
    return error instanceof ConnectionFault ? error.code : -1;
  }
}

describe("a header block", () => {
  it("of RFC 7541, appendix C.4, says what that says", () => {
    const decoder = new HeaderDecoder(MOST_BYTES);
    const first = [":method", "GET", ":scheme", "http", ":path", "/", ":authority", "www.example.com"];
    expect([
      decoded(decoder, hex("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff")),
      decoded(decoder, hex("8286 84be 5886 a8eb 1064 9cbf")),
      decoded(decoder, hex("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf")),
    ]).toEqual([
      first,
      [...first, "cache-control", "no-cache"],
      [
        ...[":method", "GET", ":scheme", "https", ":path", "/index.html", ":authority", "www.example.com"],
        ...["custom-key", "custom-value"],
      ],
    ]);
  });

  it("of RFC 7541, appendix C.6, says what that says, with a table that is full", () => {
    const decoder = new HeaderDecoder(MOST_BYTES);
    const url = ["location", "https://www.example.com"];
    // The table of that example has 256 bytes.
    decoded(decoder, hex("3fe1 01"));
    expect([
      decoded(
        decoder,
        hex(
          "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        ),
      ),
      decoded(decoder, hex("4883 640e ffc1 c0bf")),
      decoded(
        decoder,
        hex(
          "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
        ),
      ),
    ]).toEqual([
      [":status", "302", "cache-control", "private", "date", "Mon, 21 Oct 2013 20:13:21 GMT", ...url],
      [":status", "307", "cache-control", "private", "date", "Mon, 21 Oct 2013 20:13:21 GMT", ...url],
      [
        ...[":status", "200", "cache-control", "private", "date", "Mon, 21 Oct 2013 20:13:22 GMT", ...url],
        ...["content-encoding", "gzip"],
        ...["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"],
      ],
    ]);
  });

  it("of node:http2's client says what that was given, whatever it has said before", async () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/).map((text) => `x-${text}`);
    const value = fc.stringMatching(/^(?:[\x21-\x7e](?:[\x20-\x7e]{0,300}[\x21-\x7e])?)?$/);
    const requests = fc.array(fc.dictionary(name, value, { maxKeys: 30 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(requests, async (all) => {
        const decoder = new HeaderDecoder(MOST_BYTES);
        const blocks = await headerBlocksOf(all);
        const seen = blocks.map((block) => {
          const fields = decoder.decode(block, 0, block.byteLength) ?? [];
          return Object.fromEntries(
            fields.flatMap(({ name, value }) => (name.startsWith("x-") ? [[name, value]] : [])),
          );
        });
        expect(seen).toEqual(all.map((headers) => ({ ...headers })));
      }),
      { numRuns: 40 },
    );
  });

  it("of this package says what it was made of", () => {
    const text = fc.string({
      unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    });
    const long = fc.integer({ min: 0, max: 20_000 }).map((length) => "x".repeat(length));
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.oneof(text, long)), { maxLength: 3 }), (pairs) => {
        const list = pairs.flat();
        expect(decoded(new HeaderDecoder(1_000_000), headerBlock(list))).toEqual(list);
      }),
    );
  });

  it("of this package is one byte for what everybody knows", () => {
    expect(headerBlock([":status", "200"])).toEqual(Buffer.from([0x88]));
  });

  it.each([
    ["an index of nothing", "80"],
    ["an index beyond the table", "be"],
    ["an index that is cut", "ff"],
    ["an index beyond all numbers", "ff ff ff ff ff ff ff ff ff 0f"],
    ["a name that is cut", "00 05 61"],
    ["a value that is cut", "00 01 61 05 62"],
    ["a name by an index beyond the table", "7f 80 01 01 61"],
    ["a table larger than it may be", "3f e2 1f"],
    ["a size of the table behind a field", "82 20"],
    ["a text in Huffman's code that says its end", "00 84 ff ff ff ff 00"],
    ["a text in Huffman's code that is filled up with zeroes", "00 81 18 00"],
    ["a text in Huffman's code that is filled up with more than seven bits", "00 82 1f ff 00"],
  ])("with %s ends its connection", (_, block) => {
    expect(faultOf(hex(block))).toBe(REASON.compressionError);
  });

  it("never reads what is none, or says so", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect([undefined, REASON.compressionError]).toContain(faultOf(Buffer.from(bytes)));
      }),
      { numRuns: 2_000 },
    );
  });

  it("that stands for more than it may is no list, and the next is read as ever", () => {
    const decoder = new HeaderDecoder(MOST_BYTES);
    // A field of 4,000 bytes that is remembered, and said again and again by a byte each.
    const field = Buffer.concat([hex("40 01 61"), hex("7f a1 1e"), Buffer.alloc(4_000, "x")]);
    const list = decoded(decoder, Buffer.concat([field, Buffer.alloc(100, 0xbe)]));
    expect([list, decoded(decoder, hex("be"))]).toEqual([["too many"], ["a", "x".repeat(4_000)]]);
  });

  it("with a size of the table at its beginning is read, and what was remembered is forgotten", () => {
    const decoder = new HeaderDecoder(MOST_BYTES);
    decoded(decoder, hex("40 01 61 01 62"));
    expect(decoded(decoder, hex("be"))).toEqual(["a", "b"]);
    expect(decoded(decoder, hex("20 82"))).toEqual([":method", "GET"]);
    expect(() => decoded(decoder, hex("be"))).toThrow(ConnectionFault);
  });
});
