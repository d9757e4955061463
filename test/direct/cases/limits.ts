import { gzipSync } from "node:zlib";
import { asked, type Case, type Topic } from "../topic.ts";
import { callBy, framed, headersOf, messageBy, type Way } from "../ways.ts";

const MOST = 200;

/** A request whose message has so many bytes. */
function sized(name: string, bytes: number): Case {
  return {
    name,
    by: (way) => {
      const around = messageBy(way, { text: "x" }).byteLength - 1;
      return callBy(way, { text: "x".repeat(bytes - around) });
    },
  };
}

const packed = (name: string, bytes: number): Case => ({
  name,
  by: (way: Way) => {
    const body = framed(way, gzipSync(messageBy(way, { text: "x".repeat(bytes) })), 1);
    return callBy(way, {}, { headers: [[headersOf(way).encoding, "gzip"]], steps: [body, "end"] });
  },
});

const bare = (name: string, steps: (way: Way) => readonly Uint8Array[]): Case => ({
  name,
  by: (way) => callBy(way, {}, { steps: [...steps(way), "end"] }),
});

/** How much is read of a request. */
export const readLimits: Topic = {
  name: `where messages have ${MOST} bytes at most, a request of`,
  setup: { connect: () => ({ readMaxBytes: MOST }), serve: { readMaxBytes: MOST } },
  cases: [
    sized("as many", MOST),
    sized("one fewer", MOST - 1),
    sized("one more", MOST + 1),
    sized("many more", 100 * MOST),
    packed("few bytes that become too many", 100 * MOST),
    packed("few bytes that become a few", 50),
    bare("a frame that says it has one byte more", (way) => [framed(way, new Uint8Array(0), 0, MOST + 1)]),
    bare("a frame that says it has 4 GiB", (way) => [framed(way, new Uint8Array(10), 0, 0xffffffff)]),
    bare("many bytes of no sense", () => [new Uint8Array(10_000).fill(0xff)]),
    {
      name: "a length that is too large",
      by: (way) =>
        callBy(
          way,
          {},
          {
            headers: [["content-length", "100000"]],
            steps: [new Uint8Array(10), "pause", way.http === "HTTP/2" ? "end" : "half-close"],
          },
        ),
    },
  ],
};

/** How much is sent of an answer. */
export const writeLimits: Topic = {
  name: `where answers have ${MOST} bytes at most, an answer of`,
  setup: { connect: () => ({ writeMaxBytes: MOST }) },
  cases: [
    ...[100, MOST - 12, MOST - 11, MOST - 10, MOST - 4, MOST - 3, MOST - 2, MOST, MOST + 1, 100 * MOST].map(
      (size) => asked(`${size} characters`, { behaviour: "text of a size", size }),
    ),
    asked("an error with a long message", { behaviour: "throws a ConnectError with a long message" }),
    asked("too much, after headers and trailers", {
      behaviour: "headers and trailers",
      text: "x".repeat(MOST),
    }),
  ],
};

/** Answers that are larger than what goes over the wire at once. */
export const large: Topic = {
  name: "what is large",
  cases: [
    ...[16_379, 16_384, 65_530, 65_536, 400_000].map((size) =>
      asked(`an answer of ${size} bytes`, { behaviour: "an answer of a size", size, glance: "none" }),
    ),
    ...[16_379, 400_000].map((size) =>
      asked(`a request of ${size} bytes`, { data: new Uint8Array(size), behaviour: "nothing" }),
    ),
  ],
};
