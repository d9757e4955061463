import { setTimeout as after } from "node:timers/promises";
import { create, isMessage } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  createContextValues,
  type Interceptor,
  type UnaryRequest,
  type UnaryResponse,
} from "@connectrpc/connect";
import { ProbeRequestSchema, ProbeResponseSchema } from "../gen/probe/v1/probe_pb.ts";
import { type Journal, MARK, shownHeaders, shownReason } from "../journal.ts";
import { asked, type Case, type Topic } from "../topic.ts";
import { bodyBy, callBy, headersOf } from "../ways.ts";

type Make = (journal: Journal) => readonly Interceptor[];

/** An interceptor of unary calls. */
function unary(
  act: (
    request: UnaryRequest,
    next: (request: UnaryRequest) => Promise<UnaryResponse>,
  ) => Promise<UnaryResponse>,
): Interceptor {
  return (next) => async (request) => {
    if (request.stream) return next(request);
    return act(request, async (passed) => {
      const response = await next(passed);
      if (response.stream) throw new Error("a unary call is answered by a stream");
      return response;
    });
  };
}

const refusal = () =>
  new ConnectError("not by this interceptor", Code.PermissionDenied, {
    "x-refused": "yes",
    "x-refused-bin": "AAEC",
  });

const MAKES: Readonly<Record<string, Make>> = {
  "passes everything on": () => [unary((request, next) => next(request))],
  "notes all that it sees": (journal) => [
    unary(async (request, next) => {
      journal.note(
        "interceptor",
        Object.keys(request).sort(),
        request.method.name,
        request.service.typeName,
        {
          ...{ url: request.url, method: request.requestMethod, stream: request.stream },
          header: shownHeaders(request.header),
          aborted: request.signal.aborted,
          mark: request.contextValues.get(MARK),
          isMessage: isMessage(request.message, ProbeRequestSchema),
        },
      );
      try {
        const response = await next(request);
        journal.note("answer", Object.keys(response).sort(), {
          header: shownHeaders(response.header),
          trailer: shownHeaders(response.trailer),
          isMessage: isMessage(response.message, ProbeResponseSchema),
          aborted: request.signal.aborted,
        });
        return response;
      } catch (error) {
        journal.note("error", shownReason(error));
        throw error;
      }
    }),
  ],
  "changes the request's headers": () => [
    unary((request, next) => {
      request.header.set("x-added", "by an interceptor");
      request.header.delete("te");
      return next(request);
    }),
  ],
  "gives other headers for the request's": () => [
    unary((request, next) => next({ ...request, header: new Headers({ "x-only": "this" }) })),
  ],
  "gives another message": () => [
    unary((request, next) => next({ ...request, message: create(ProbeRequestSchema, { text: "another" }) })),
  ],
  "changes the message": () => [
    unary((request, next) => {
      if (isMessage(request.message, ProbeRequestSchema)) request.message.text += ", changed";
      return next(request);
    }),
  ],
  "changes the answer": () => [
    unary(async (request, next) => {
      const response = await next(request);
      if (isMessage(response.message, ProbeResponseSchema)) response.message.text += ", changed";
      return response;
    }),
  ],
  "sets headers and trailers of the answer": () => [
    unary(async (request, next) => {
      const response = await next(request);
      response.header.set("x-header", "by an interceptor");
      response.trailer.set("x-trailer", "by an interceptor");
      response.trailer.append("x-trailer", "again");
      return response;
    }),
  ],
  "replaces the answer": () => [
    unary(async (request, next) => ({
      ...(await next(request)),
      header: new Headers({ "x-own": "header" }),
      trailer: new Headers({ "x-own-trailer": "trailer" }),
      message: create(ProbeResponseSchema, { text: "replaced" }),
    })),
  ],
  "replaces the answer's headers by those that a protocol needs": () => [
    unary(async (request, next) => ({
      ...(await next(request)),
      header: new Headers({ "content-type": "text/own" }),
      trailer: new Headers({ "grpc-status": "5" }),
    })),
  ],
  "answers by a plain object": () => [
    // The types forbid what an interceptor in JavaScript can do all the same.
    unary(
      async (request, next) =>
        ({ ...(await next(request)), message: { text: "plain" } }) as unknown as UnaryResponse,
    ),
  ],
  "answers without the handler": () => [
    unary(async (request) => ({
      stream: false,
      method: request.method,
      service: request.service,
      header: new Headers({ "x-own": "header" }),
      trailer: new Headers(),
      message: create(ProbeResponseSchema, { text: "own" }),
    })),
  ],
  "throws before the handler": () => [unary(() => Promise.reject(refusal()))],
  "throws an Error before the handler": () => [unary(() => Promise.reject(new Error("not for clients")))],
  "throws at once": () => [
    () => () => {
      throw refusal();
    },
  ],
  "throws after the handler": () => [
    unary(async (request, next) => {
      await next(request);
      throw refusal();
    }),
  ],
  "throws another error than the handler": () => [
    unary(async (request, next) => {
      try {
        return await next(request);
      } catch {
        throw refusal();
      }
    }),
  ],
  "answers in the place of an error": () => [
    unary(async (request, next) => {
      try {
        return await next(request);
      } catch {
        return {
          stream: false,
          method: request.method,
          service: request.service,
          header: new Headers(),
          trailer: new Headers(),
          message: create(ProbeResponseSchema, { text: "all is well" }),
        };
      }
    }),
  ],
  "waits before and after": () => [
    unary(async (request, next) => {
      await after(2);
      const response = await next(request);
      await after(2);
      return response;
    }),
  ],
  "calls the handler twice": () => [
    unary(async (request, next) => {
      await next(request);
      return next(request);
    }),
  ],
  "gives a signal of its own": () => [
    unary((request, next) => next({ ...request, signal: AbortSignal.abort(refusal()) })),
  ],
  "sets values": () => [
    unary((request, next) => {
      request.contextValues.set(MARK, "by an interceptor");
      return next(request);
    }),
  ],
  "gives values of its own": () => [
    unary((request, next) => next({ ...request, contextValues: createContextValues().set(MARK, "others") })),
  ],
  // The types forbid what an interceptor in JavaScript can do all the same.
  "puts others into the request": () => [
    unary((request, next) => {
      const header = new Headers({ "x-only": "this" });
      const contextValues = createContextValues().set(MARK, "others");
      Object.assign(request, { header, contextValues, message: create(ProbeRequestSchema, { text: "put" }) });
      return next(request);
    }),
  ],
  "puts a signal into the request": () => [
    unary((request, next) => next(Object.assign(request, { signal: AbortSignal.abort(refusal()) }))),
  ],
  "puts others into the answer": () => [
    unary(async (request, next) =>
      Object.assign(await next(request), {
        header: new Headers({ "x-own": "header" }),
        trailer: new Headers({ "x-own-trailer": "trailer" }),
        message: create(ProbeResponseSchema, { text: "put" }),
      }),
    ),
  ],
  "answers with what it was answered first": () => [
    unary(async (request, next) => {
      const first = await next(request);
      first.header.set("x-first", "yes");
      await next(request);
      return first;
    }),
  ],
  "is behind another": (journal) =>
    [1, 2, 3].map((place) =>
      unary(async (request, next) => {
        journal.note(`before ${place}`);
        request.header.append("x-place", `${place}`);
        const response = await next(request);
        response.header.append("x-place", `${place}`);
        journal.note(`after ${place}`);
        return response;
      }),
    ),
};

const WAITING = "waits, and throws why it was woken";

const cases = (): Case[] => [
  ...[
    "echo",
    "echo, later",
    "a plain object",
    "headers and trailers",
    "throws a ConnectError with metadata",
  ].flatMap((behaviour) => [
    asked(`and ${behaviour}`, { behaviour, text: "a" }, { headers: [["x-place", "0"]] }),
    asked(`and ${behaviour}, looking at nothing`, { behaviour, text: "a", glance: "none" }),
  ]),
  asked("and throws an Error", { behaviour: "throws an Error", text: "a" }),
  asked("and answers with what cannot be sent", { behaviour: "half a character" }),
  ...(["reset 8", "destroy"] as const).map(
    (end): Case => ({
      name: `and is given up: ${end}`,
      comparing: { notesOnly: true },
      by: (way) =>
        end === "reset 8" && way.http === "HTTP/1.1"
          ? undefined
          : callBy(way, {}, { steps: [bodyBy(way, { behaviour: WAITING }), "end", "noted", "pause", end] }),
    }),
  ),
  {
    name: "and its deadline is over",
    by: (way) => {
      const timeout = way.protocol === "Connect" ? "20" : "20m";
      return callBy(
        way,
        { behaviour: WAITING, glance: "none" },
        { headers: [[headersOf(way).timeout, timeout]] },
      );
    },
  },
  asked("and nothing was sent", {}, { steps: ["end"] }),
  {
    name: "and is over in time",
    by: (way) =>
      callBy(way, {}, { headers: [[headersOf(way).timeout, way.protocol === "Connect" ? "9000" : "9S"]] }),
  },
];

/** What stands around handlers. */
export const interceptors: readonly Topic[] = Object.entries(MAKES).map(([name, make]) => ({
  name: `where an interceptor ${name}, a handler is called`,
  setup: { connect: (journal) => ({ interceptors: [...make(journal)] }) },
  cases: cases(),
}));
