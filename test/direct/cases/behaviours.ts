import { ANSWERS, ERRORS, UNSENDABLE, UNTELLABLE } from "../behaviours.ts";
import { asked, type Case, type Topic } from "../topic.ts";
import { LOOK } from "../ways.ts";

const request = { text: "grüße", data: new Uint8Array([0, 1, 255]), size: 100 };

const each = (title: string, glance: string, behaviours: readonly string[]): Case[] =>
  behaviours.map((behaviour) => asked(`${title}: ${behaviour}`, { ...request, behaviour, glance }));

const ENDING = Object.keys({ ...ANSWERS, ...ERRORS, ...UNSENDABLE });

/** All that handlers can answer and throw, by those that look at their context, at nothing, or when it is over. */
export const behaviours: Topic = {
  name: "what a handler does",
  cases: [
    ...each("looking at everything", "all", ENDING),
    ...each("looking at nothing", "none", ENDING),
    ...each("looking when all is over", "late", [
      "echo",
      "echo, later",
      "headers and trailers",
      "throws an Error",
      "throws a ConnectError with metadata",
    ]),
    ...["echo", "headers and trailers", "throws a ConnectError with metadata"].map((behaviour) =>
      asked(`header lines come in the same order: ${behaviour}`, { behaviour }, {}, { inOrder: true }),
    ),
    ...["echo", "headers and trailers", "throws after headers and trailers"].map((behaviour) =>
      asked(`in a method without side effects: ${behaviour}`, { behaviour }, { path: LOOK }),
    ),
    asked("in a method that streams", { text: "a" }, { path: "/probe.v1.ProbeService/Stream" }),
    asked("in a method that nobody implements", { text: "a" }, { path: "/probe.v1.ProbeService/Absent" }),
  ],
};

/** Errors that cannot be written down. */
export const untellable: Topic = {
  name: "an error that cannot be sent",
  only: "by serve",
  cases: each("looking at everything", "all", Object.keys(UNTELLABLE)),
};
