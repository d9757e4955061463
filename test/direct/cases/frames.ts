import type { Header, Step } from "../call.ts";
import type { Case, Topic } from "../topic.ts";
import { bodyBy, callBy, framed, headersOf, messageBy, type Way } from "../ways.ts";

const A = { text: "a" };
const NOTHING = new Uint8Array();

/** A body that is sent as it stands. */
function body(name: string, bytes: (way: Way) => Uint8Array): Case {
  return { name, by: (way) => callBy(way, {}, { steps: [bytes(way), "end"] }) };
}

const joined = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
const whole = (way: Way): Uint8Array => bodyBy(way, A);
const cut = (count: number) => (way: Way) => whole(way).subarray(0, count);

const FLAGS = [1, 2, 3, 4, 8, 0x10, 0x20, 0x40, 0x80, 0x81, 0x82, 0xfe, 0xff];
const LENGTHS = [0, 1, 2, 4, 100, 0x7fffffff, 0x80000000, 0xffffffff];

/** Bodies that are not what their protocols say. */
export const frames: Topic = {
  name: "a body of",
  cases: [
    body("nothing", () => NOTHING),
    ...[1, 2, 3, 4, 5, 6, 7].map((count) => body(`the first ${count} bytes of a call`, cut(count))),
    body("a call without its last byte", (way) => whole(way).subarray(0, -1)),
    body("an empty message", (way) => framed(way, NOTHING)),
    body("two messages", (way) => joined(whole(way), whole(way))),
    body("two empty messages", (way) => joined(framed(way, NOTHING), framed(way, NOTHING))),
    body("a message and a byte", (way) => joined(whole(way), new Uint8Array([0]))),
    body("a message and half of another", (way) => joined(whole(way), whole(way).subarray(0, 6))),
    body("a message and zeroes", (way) => joined(whole(way), new Uint8Array(20))),
    body("a message and what is none", (way) =>
      joined(whole(way), framed(way, new Uint8Array([0xff, 0xff]))),
    ),
    body("a message and an end of gRPC-Web", (way) =>
      joined(whole(way), framed(way, Buffer.from("a: b\r\n"), 0x80)),
    ),
    body("a message and an end of Connect", (way) =>
      joined(whole(way), framed(way, Buffer.from("{}"), 0x02)),
    ),
    ...FLAGS.map((flags) =>
      body(`a message with the flags ${flags}`, (way) => framed(way, messageBy(way, A), flags)),
    ),
    ...FLAGS.map((flags) =>
      body(`an empty message with the flags ${flags}`, (way) => framed(way, NOTHING, flags)),
    ),
    ...LENGTHS.map((length) =>
      body(`a message that says it has ${length} bytes`, (way) => framed(way, messageBy(way, A), 0, length)),
    ),
    body("bytes that are no message", (way) => framed(way, new Uint8Array([0xff, 0xff, 0xff]))),
    body("a message with a field that nobody knows", (way) =>
      framed(way, way.isJson ? Buffer.from('{"other":1}') : new Uint8Array([0xf8, 0x01, 0x05])),
    ),
    body("text that is no UTF-8", (way) =>
      framed(way, way.isJson ? Buffer.from('{"text":"\xff"}', "latin1") : new Uint8Array([0x1a, 1, 0xff])),
    ),
    ...[
      "{",
      "null",
      "[]",
      '"a"',
      "1",
      "{}{}",
      " {} ",
      "\ufeff{}",
      '{"text":1}',
      '{"text":null}',
      '{"size":"x"}',
    ].map((json) => body(`the JSON ${json}`, (way) => framed(way, Buffer.from(json)))),
    body("an Any that nobody knows", (way) =>
      way.isJson
        ? framed(way, Buffer.from('{"any":{"@type":"type.googleapis.com/unknown.v1.Unknown","a":1}}'))
        : bodyBy(way, {
            any: { typeUrl: "type.googleapis.com/unknown.v1.Unknown", value: new Uint8Array([1]) },
          }),
    ),
    body("an Any", (way) =>
      bodyBy(way, { any: { typeUrl: "type.googleapis.com/probe.v1.ProbeRequest", value: NOTHING } }),
    ),
    body("base64", (way) => Buffer.from(Buffer.from(whole(way)).toString("base64"))),
  ],
};

/** The same body, in the pieces that `at` cuts it to. */
function pieces(way: Way, cuts: readonly number[], between: Step = "pause"): readonly Step[] {
  const bytes = whole(way);
  const ends = [...cuts.filter((at) => at < bytes.byteLength), bytes.byteLength];
  return [...ends.flatMap((end, i) => [bytes.subarray(ends[i - 1] ?? 0, end), between]), "end"];
}

function inPieces(name: string, cuts: readonly number[], headers: readonly Header[] = []): Case {
  return { name, by: (way) => callBy(way, {}, { steps: pieces(way, cuts), headers }) };
}

/** A body whose second piece comes behind a deadline. */
function late(name: string, at: number): Case {
  return {
    name,
    by: (way) => {
      const bytes = whole(way);
      const steps = [bytes.subarray(0, at), "pause", "lag", bytes.subarray(at), "end"] as const;
      const timeout = way.protocol === "Connect" ? "20" : "20m";
      return callBy(way, {}, { steps, headers: [[headersOf(way).timeout, timeout]] });
    },
  };
}

const chunked = (name: string, cuts: readonly number[]): Case => ({
  name,
  by: (way) =>
    way.http === "HTTP/1.1"
      ? callBy(way, {}, { steps: pieces(way, cuts), headers: [["transfer-encoding", "chunked"]] })
      : undefined,
});

const everywhere = Array.from({ length: 20 }, (_, at) => at + 1);

/** The same call, however its bytes come in. */
export const splits: Topic = {
  name: "a body in pieces",
  cases: [
    inPieces("byte by byte", everywhere),
    ...[1, 4, 5, 6, 7].map((at) => inPieces(`cut behind byte ${at}`, [at])),
    inPieces("behind a piece of nothing", [0]),
    inPieces("with pieces of nothing", [0, 3, 3, 5, 5, 5]),
    chunked("in chunks, byte by byte", everywhere),
    chunked("in one chunk", []),
    ...[1, 5, 6].map((at) => chunked(`in chunks, cut behind byte ${at}`, [at])),
    ...[1, 6, 9].map((at) => late(`cut behind byte ${at}, of which the rest comes beyond the deadline`, at)),
    {
      name: "that ends after a pause",
      by: (way) => callBy(way, {}, { steps: [whole(way), "pause", "pause", "end"] }),
    },
    {
      name: "whose end is a frame of its own",
      by: (way) => callBy(way, {}, { steps: [whole(way), "end"] }),
    },
  ],
};

/** Lengths that are announced, and not so. */
export const lengths: Topic = {
  name: "a content length",
  cases: [
    announced("that is right", 0),
    announced("that is one more", 1),
    announced("that is much more", 1_000),
    announced("that is one less, over HTTP/1.1", -1, "HTTP/1.1"),
    announced("that is two less, over HTTP/1.1", -2, "HTTP/1.1"),
    announced("that is more than there is room for", 2 ** 40),
  ],
};

/**
 * More than was announced ends the stream (RFC 9113, section 8.1.1). By node:http2 it ends the connection too, with all that
 * else is under way on it: this package's own HTTP/2 does not (test/http2).
 */
export const tooMuch: Topic = {
  name: "a body over HTTP/2",
  only: "on Node's own servers",
  cases: [
    announced("that is one more than was announced", -1, "HTTP/2"),
    announced("that is two more than was announced", -2, "HTTP/2"),
  ],
};

/** A call with a content length that is so many more than its body has, over both HTTPs unless told otherwise. */
function announced(name: string, more: number, http?: Way["http"]): Case {
  return {
    name,
    by: (way) => {
      if (http !== undefined && http !== way.http) return undefined;
      const length = whole(way).byteLength + more;
      // Over HTTP/1 nothing else says that no more comes; and what is too much is the next request.
      const end = way.http === "HTTP/2" ? "end" : "half-close";
      return callBy(way, {}, { headers: [["content-length", `${length}`]], steps: [whole(way), end] });
    },
  };
}
