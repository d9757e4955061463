import type { Step } from "../call.ts";
import type { Case, Topic } from "../topic.ts";
import { bodyBy, callBy, type Way } from "../ways.ts";

const CODES = Array.from({ length: 14 }, (_, code) => code);

const WAITING = { behaviour: "waits, and throws why it was woken", text: "a" };
const ANSWERING = { behaviour: "waits, and answers all the same", text: "a" };

type End = Step & string;

/** A call that is given up where its steps say so. A client that is gone hears nothing: the server's notes count. */
function given(name: string, end: (way: Way) => End | undefined, steps: (way: Way) => readonly Step[]): Case {
  return {
    name,
    comparing: { notesOnly: true },
    by: (way) => {
      const last = end(way);
      return last === undefined ? undefined : callBy(way, {}, { steps: [...steps(way), last] });
    },
  };
}

const reset =
  (code: number) =>
  ({ http }: Way): End | undefined =>
    http === "HTTP/2" ? `reset ${code}` : undefined;

const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.ceil(bytes.byteLength / 2));

const ENDS: readonly (readonly [string, (way: Way) => End | undefined])[] = [
  ...CODES.map((code) => [`its stream is reset with ${code}`, reset(code)] as const),
  ["its connection is destroyed", () => "destroy"],
];

/** Calls that nobody waits for any more. */
export const cancels: Topic = {
  name: "a call is given up",
  cases: [
    ...ENDS.flatMap(([how, end]) => [
      given(`before its body: ${how}`, end, () => ["pause"]),
      given(`in its body: ${how}`, end, (way) => [half(bodyBy(way, WAITING)), "pause"]),
      given(`before its end: ${how}`, end, (way) => [bodyBy(way, WAITING), "pause"]),
      given(`while its handler waits: ${how}`, end, (way) => [bodyBy(way, WAITING), "end", "noted"]),
      given(`while its handler waits that answers: ${how}`, end, (way) => [
        bodyBy(way, ANSWERING),
        "end",
        "noted",
      ]),
      given(`after its answer: ${how}`, end, (way) => [bodyBy(way, { text: "a" }), "end", "answered"]),
    ]),
    {
      name: "by half, while its handler waits that answers",
      by: (way) =>
        way.http === "HTTP/1.1"
          ? callBy(way, {}, { steps: [bodyBy(way, ANSWERING), "end", "noted", "half-close"] })
          : undefined,
    },
    {
      name: "by half, after its answer",
      by: (way) =>
        way.http === "HTTP/1.1"
          ? callBy(way, {}, { steps: [bodyBy(way, { text: "a" }), "end", "answered", "half-close"] })
          : undefined,
    },
    {
      name: "by half, in the body",
      by: (way) =>
        way.http === "HTTP/1.1"
          ? callBy(
              way,
              {},
              {
                headers: [["content-length", "1000"]],
                steps: [bodyBy(way, { behaviour: "echo, later" }), "pause", "half-close"],
              },
            )
          : undefined,
    },
  ],
};
