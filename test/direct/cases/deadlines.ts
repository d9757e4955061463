import type { Case, Topic } from "../topic.ts";
import { callBy, headersOf, type Way } from "../ways.ts";

const IN_TIME = {
  gRPC: ["1H", "2M", "9S", "9999m", "9999999u", "99999999n", "00000009S"],
  Connect: ["3600000", "9000", "9999", "2147483647", "0000009000"],
};

const NONSENSE = [
  ...[
    "",
    "S",
    "1",
    "1s",
    "1 S",
    "-1S",
    "+1S",
    "1.5S",
    "1e3m",
    "0x10S",
    "123456789S",
    "1SS",
    "NaN",
    "Infinity",
  ],
  ...["-1", "1.5", "1e3", "12345678901", "99999999999999999999", "ten", " ", "1,2", "５"],
];

const OVER = { gRPC: ["0S", "0n", "1n", "1u", "1m", "20m"], Connect: ["0", "1", "20"] };

const valuesOf = ({ protocol }: Way, values: typeof IN_TIME) =>
  values[protocol === "Connect" ? "Connect" : "gRPC"];

/** A case for each value, of which a protocol may have fewer than another. */
function each(
  title: string,
  values: typeof IN_TIME,
  behaviour: string,
  rest: Pick<Case, "comparing"> & { readonly glance?: string } = {},
): Case[] {
  const most = Math.max(values.gRPC.length, values.Connect.length);
  return Array.from({ length: most }, (_, at) => ({
    name: `${title}: ${values.gRPC[at] ?? "-"}, in Connect ${values.Connect[at] ?? "-"}`,
    comparing: rest.comparing,
    by: (way) => {
      const value = valuesOf(way, values)[at];
      if (value === undefined) return undefined;
      const headers = [[headersOf(way).timeout, value]] as const;
      return callBy(way, { behaviour, text: "a", glance: rest.glance ?? "all" }, { headers });
    },
  }));
}

// In Connect a number is a deadline, which may be over before the handler is called.
const nonsense = { gRPC: NONSENSE, Connect: NONSENSE.filter((value) => value !== "1") };

const common: readonly Case[] = [
  ...each("a call in time", IN_TIME, "echo"),
  ...each("a call in time that is answered later", IN_TIME, "echo, later", { glance: "none" }),
  ...each("a deadline that is none", nonsense, "echo"),
  // Whether the deadline or the handler is first is up to the machine.
  ...each("a handler that waits beyond its deadline", OVER, "waits, and throws why it was woken", {
    glance: "none",
  }),
  ...each("a handler that answers beyond its deadline", OVER, "waits, and answers all the same", {
    glance: "none",
  }),
  {
    name: "a deadline that is over at once is known to the handler",
    by: (way) =>
      callBy(
        way,
        { behaviour: "waits, and throws why it was woken" },
        { headers: [[headersOf(way).timeout, way.protocol === "Connect" ? "0" : "0S"]] },
      ),
  },
  {
    name: "two deadlines",
    by: (way) => {
      const { timeout } = headersOf(way);
      return callBy(
        way,
        { text: "a" },
        {
          headers: [
            [timeout, way.protocol === "Connect" ? "9000" : "9S"],
            [timeout, "8000"],
          ],
        },
      );
    },
  },
  {
    name: "the deadline of another protocol",
    by: (way) =>
      callBy(
        way,
        { text: "a" },
        { headers: [way.protocol === "Connect" ? ["grpc-timeout", "9S"] : ["connect-timeout-ms", "9000"]] },
      ),
  },
];

/** How long a client gives its call. */
export const deadlines: Topic = { name: "a deadline", cases: common };

/** Connect's own timers ring at once where a deadline is beyond 2^31−1 ms; `serve` shortens it before. */
export const farDeadlines: Topic = {
  name: "a deadline that is far",
  only: "by serve",
  cases: each(
    "a call in time",
    { gRPC: ["597H", "99999999H", "99999999M"], Connect: ["2147483648", "9999999999"] },
    "echo, later",
  ),
};

/** A server that takes no call with a longer one. */
export const longDeadlines: Topic = {
  name: "a deadline, where the longest may be 9 s",
  setup: { connect: () => ({ maxTimeoutMs: 9_000 }) },
  cases: [
    ...each("a call in time", IN_TIME, "echo"),
    ...each(
      "at, and about, the longest",
      { gRPC: ["9S", "9000m", "9001m", "8999m"], Connect: ["9000", "9001", "8999", "-1"] },
      "echo",
    ),
  ],
};
