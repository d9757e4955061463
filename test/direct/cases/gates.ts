import { setTimeout as after } from "node:timers/promises";
import { Code, ConnectError, type ConnectRouterOptions } from "@connectrpc/connect";
import { type Journal, MARK, shownHeaders } from "../journal.ts";
import { asked, type Case, type Topic } from "../topic.ts";
import { bodyBy, callBy, headersOf } from "../ways.ts";

type Gate = NonNullable<ConnectRouterOptions["requestGate"]>;

const refusal = () => new ConnectError("not through this gate", Code.Unauthenticated, { "x-gate": "closed" });

const GATES: Readonly<Record<string, (journal: Journal) => Gate>> = {
  "lets everybody in": () => () => {},
  "notes all that it sees": () => () => {},
  throws: () => () => {
    throw refusal();
  },
  "throws later": () => async () => {
    await after(5);
    throw refusal();
  },
  "throws an Error": () => () => {
    throw new Error("not for clients");
  },
  "throws undefined": () => () => {
    throw undefined;
  },
  "takes its time": () => () => after(5),
  "sets headers": () => (context) => {
    context.responseHeader.set("x-gate", "open");
    context.responseTrailer.set("x-gate-trailer", "open");
    context.requestHeader.set("x-gate", "passed");
  },
  "sets headers, and throws": () => (context) => {
    context.responseHeader.set("x-gate-header", "closed");
    context.responseTrailer.set("x-gate-trailer", "closed");
    throw refusal();
  },
  "sets values": () => (context) => {
    context.values.set(MARK, "by a gate");
  },
  "looks when all is over": (journal) => (context) => journal.lookLate(context),
};

// When a client gives up amid a gate, or its deadline is over, chance decides how far either path is by then.
const cases = (): Case[] => [
  ...["echo", "headers and trailers", "throws a ConnectError with metadata"].flatMap((behaviour) => [
    asked(`and ${behaviour}`, { behaviour, text: "a" }),
    asked(`and ${behaviour}, looking at nothing`, { behaviour, text: "a", glance: "none" }),
  ]),
  asked("and the body is none", {}, { steps: [Buffer.from("none"), "end"] }),
  asked("and there is no body", {}, { steps: ["end"] }),
  {
    name: "before there is a body",
    by: (way) => {
      const length = bodyBy(way, {}).byteLength;
      const headers = [["content-length", `${length}`]] as const;
      return callBy(way, {}, { headers, steps: ["noted", bodyBy(way, {}), "end"] });
    },
  },
  {
    name: "and the deadline is none",
    by: (way) => callBy(way, {}, { headers: [[headersOf(way).timeout, "none"]] }),
  },
  {
    name: "and the encoding is unknown",
    by: (way) => callBy(way, {}, { headers: [[headersOf(way).encoding, "none"]] }),
  },
  asked("and the content type is unknown", {}, { contentType: "text/plain" }),
  asked("and the method is PUT", {}, { method: "PUT" }),
];

/** What calls come to first. */
export const gates: readonly Topic[] = Object.entries(GATES).map(([name, make]) => ({
  name: `where a gate ${name}, a call comes`,
  setup: {
    connect: (journal) => {
      const gate = make(journal);
      return {
        requestGate: (context) => {
          journal.note("gate", context.method.name, shownHeaders(context.requestHeader));
          return gate(context);
        },
      };
    },
  },
  cases: cases(),
}));
