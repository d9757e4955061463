import { describe, expect, it } from "vitest";
import { KnownHeads } from "../../src/http1/known-heads.ts";
import { plainHead } from "../../src/http1/plain-head.ts";

const LINES = ["POST /a.B/C HTTP/1.1", "Host: a.test", "Content-Length: 2"];

function head(...lines: readonly string[]): string {
  return lines.join("\r\n");
}

describe("the head of a request", () => {
  it("says its path, its fields and the length of its body", () => {
    expect(plainHead(head(...LINES, "X-A:  b c\t"))).toEqual({
      path: "/a.B/C",
      given: { host: "a.test", "content-length": "2", "x-a": "b c" },
      list: ["Host", "a.test", "Content-Length", "2", "X-A", "b c"],
      length: 2,
    });
  });

  it.each([
    ["a connection that is kept", "Connection: keep-alive"],
    ["a connection that is Kept", "connection: Keep-Alive"],
    ["an empty field", "X-A:"],
    ["names of objects", "constructor: 1"],
  ])("is plain with %s", (_, line) => {
    expect(plainHead(head(...LINES, line))).toBeDefined();
  });

  it.each([
    ["a connection that ends", "Connection: close"],
    ["a connection that becomes another", "Connection: upgrade"],
    ["a body in chunks", "Transfer-Encoding: chunked"],
    ["a wish to go on", "Expect: 100-continue"],
    ["a field that comes twice", "host: b.test"],
    ["a space before the colon", "X-A : b"],
    ["a line that goes on", " b"],
    ["a name of other letters", "X-Ä: b"],
    ["a value of other letters", "X-A: ä"],
    ["a value with a tab", "X-A: a\tb"],
    ["a bare newline", "X-A: a\nX-B: b"],
    ["a bare return", "X-A: a\rX-B: b"],
    ["an empty line", ""],
    ["what Node loses", "__proto__: 1"],
  ])("is Node's with %s", (_, line) => {
    expect(plainHead(head(...LINES, line))).toBeUndefined();
  });

  it.each([
    ["another method", ["GET /a.B/C HTTP/1.1", ...LINES.slice(1)]],
    ["another version", ["POST /a.B/C HTTP/1.0", ...LINES.slice(1)]],
    ["a URL for its target", ["POST http://a.test/a.B/C HTTP/1.1", ...LINES.slice(1)]],
    ["two spaces", ["POST  /a.B/C HTTP/1.1", ...LINES.slice(1)]],
    ["no host", [LINES[0] ?? "", "Content-Length: 2"]],
    ["no length", LINES.slice(0, 2)],
    ["a length that is none", [...LINES.slice(0, 2), "Content-Length: +2"]],
    ["a length beyond all", [...LINES.slice(0, 2), "Content-Length: 1234567890"]],
  ])("is Node's with %s", (_, lines) => {
    expect(plainHead(head(...lines))).toBeUndefined();
  });
});

it("a head of more fields than Node takes is Node's", () => {
  const fields = (count: number) => Array.from({ length: count }, (_, i) => `x${i}: 1`);
  expect(plainHead(head(...LINES, ...fields(998)))).toBeDefined();
  expect(plainHead(head(...LINES, ...fields(999)))).toBeUndefined();
});

it("a head of many blanks is read in a time that grows with its length alone", () => {
  const blanks = " ".repeat(16_000);
  for (let i = 0; i < 500; i++) expect(plainHead(head(...LINES, `X-A:${blanks}\x01`))).toBeUndefined();
});

describe("heads that are known", () => {
  it("are read once", () => {
    const heads = new KnownHeads();
    expect(heads.of(head(...LINES))).toBe(heads.of(head(...LINES)));
  });

  it("are no more than a few hundred", () => {
    const heads = new KnownHeads();
    const first = heads.of(head(...LINES));
    for (let i = 0; i < 300; i++) heads.of(head(...LINES, `X-A: ${i}`));
    expect(heads.of(head(...LINES))).not.toBe(first);
  });
});
