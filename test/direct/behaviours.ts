import { setTimeout as after } from "node:timers/promises";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { AnySchema, anyPack, EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, encodeBinaryHeader, type HandlerContext } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { type ProbeRequest, ProbeRequestSchema, ProbeResponseSchema } from "./gen/probe/v1/probe_pb.ts";

type Answer = MessageInitShape<typeof ProbeResponseSchema>;

/** What a handler does when it is called. */
export type Behaviour = (request: ProbeRequest, context: HandlerContext) => Answer | Promise<Answer>;

const BINARY = encodeBinaryHeader(new Uint8Array([0, 1, 127, 128, 255]));

const details = [
  { desc: ErrorInfoSchema, value: { reason: "PROBED", domain: "probe.test", metadata: { key: "välue" } } },
  { desc: BadRequestSchema, value: { fieldViolations: [{ field: "text", description: "is none" }] } },
];

/** Those that end by themselves, by an answer. */
export const ANSWERS: Readonly<Record<string, Behaviour>> = {
  echo: ({ text, data, any }) =>
    create(ProbeResponseSchema, { text, data, ...(any === undefined ? {} : { any }) }),
  nothing: () => create(ProbeResponseSchema),
  "echo, later": async ({ text, data }) => {
    await after(5);
    return create(ProbeResponseSchema, { text, data });
  },
  "a plain object": ({ text }) => ({ text, count: 3n, parts: [{ text: "part" }] }),
  "an empty object": () => ({}),
  "an answer of a size": ({ size }) => create(ProbeResponseSchema, { data: new Uint8Array(size) }),
  "text of a size": ({ size }) => create(ProbeResponseSchema, { text: "x".repeat(size) }),
  "headers and trailers": async ({ text }, context) => {
    context.responseHeader.set("x-header", "one");
    context.responseHeader.append("x-header", "two");
    context.responseHeader.set("x-header-bin", BINARY);
    context.responseTrailer.set("x-trailer", "one");
    context.responseTrailer.append("x-trailer", "two");
    context.responseTrailer.set("x-trailer-bin", BINARY);
    await after(1);
    context.responseHeader.append("x-later", "later");
    return { text };
  },
  "many headers": (_, context) => {
    for (let i = 0; i < 100; i++) context.responseHeader.set(`x-${i}`, "v".repeat(20));
    return {};
  },
  cookies: (_, context) => {
    context.responseHeader.append("set-cookie", "a=1; Path=/");
    context.responseHeader.append("set-cookie", "b=2");
    return {};
  },
  "headers of the protocols": (_, context) => {
    context.responseHeader.set("grpc-status", "5");
    context.responseHeader.set("grpc-message", "own");
    context.responseHeader.set("trailer-x", "own");
    context.responseTrailer.set("content-type", "text/own");
    context.responseTrailer.set("grpc-message", "own");
    return {};
  },
  "a status in the trailers": (_, context) => {
    context.responseTrailer.set("grpc-status", "5");
    return {};
  },
  "an own content type": (_, context) => {
    context.responseHeader.set("content-type", "text/own");
    return {};
  },
  "an own content length": (_, context) => {
    context.responseHeader.set("content-length", "3");
    return {};
  },
  "an own content encoding": (_, context) => {
    context.responseHeader.set("content-encoding", "own");
    context.responseHeader.set("grpc-encoding", "own");
    return {};
  },
  "no content type": (_, context) => {
    context.responseHeader.delete("content-type");
    context.responseTrailer.delete("grpc-status");
    return {};
  },
  "a header in Latin-1": (_, context) => {
    context.responseHeader.set("x-latin", "grüße");
    context.responseTrailer.set("x-latin-trailer", "grüße");
    return {};
  },
  "an empty header": (_, context) => {
    context.responseHeader.set("x-empty", "");
    context.responseTrailer.set("x-empty-trailer", "");
    return {};
  },
  "a known type in an Any": () => ({
    any: anyPack(ProbeRequestSchema, create(ProbeRequestSchema, { text: "inner" })),
  }),
  "an empty Any": () => ({ any: create(AnySchema) }),
  "a change of the request's headers": (_, context) => {
    context.requestHeader.set("x-changed", "yes");
    return { text: context.requestHeader.get("x-changed") ?? "" };
  },
  "a large number": () => ({ count: 2n ** 63n - 1n }),
  "not ASCII": () => ({ text: "grüße, 世界 \u{1F30D}\u0000" }),
};

/** Answers that cannot be made, or not in each encoding. */
export const UNSENDABLE: Readonly<Record<string, Behaviour>> = {
  "an unknown type in an Any": () => ({
    any: create(AnySchema, {
      typeUrl: "type.googleapis.com/unknown.v1.Unknown",
      value: new Uint8Array([8, 1]),
    }),
  }),
  "a known type in an Any, of wrong bytes": () => ({
    any: create(AnySchema, {
      typeUrl: "type.googleapis.com/probe.v1.ProbeRequest",
      value: new Uint8Array([255, 255, 1]),
    }),
  }),
  "half a character": () => ({ text: "\ud800" }),
  "a number that is too large": () => ({ count: 2n ** 64n }),
  // The types forbid what a handler in JavaScript can do all the same.
  "nothing at all": () => undefined as unknown as Answer,
  null: () => null as unknown as Answer,
  "a text": () => "text" as unknown as Answer,
  "a message of another type": () => create(EmptySchema) as unknown as Answer,
  "a field of another type": () => ({ text: 5 }) as unknown as Answer,
  "a field that nobody knows": () => ({ other: 5 }) as unknown as Answer,
};

/** What handlers throw. */
const THROWN: Readonly<Record<string, () => unknown>> = {
  "a ConnectError": () => new ConnectError("it is so", Code.FailedPrecondition),
  "a ConnectError without a message": () => new ConnectError("", Code.NotFound),
  "a ConnectError of an undefined code": () => new ConnectError("no code"),
  "a ConnectError of code 0": () => new ConnectError("zero", 0 as Code),
  "a ConnectError of code 99": () => new ConnectError("ninety-nine", 99 as Code),
  "a ConnectError of code -1": () => new ConnectError("minus one", -1 as Code),
  "a ConnectError of code 2.5": () => new ConnectError("two and a half", 2.5 as Code),
  "a ConnectError with details": () =>
    new ConnectError("see below", Code.InvalidArgument, undefined, details),
  "a ConnectError with metadata": () =>
    new ConnectError(
      "see beside",
      Code.Aborted,
      { "x-error": "one", "x-error-bin": BINARY, "retry-after": "3" },
      details,
    ),
  "a ConnectError with metadata of the protocols": () =>
    new ConnectError("own", Code.Aborted, {
      "content-type": "text/own",
      "grpc-status": "0",
      "grpc-message": "own",
      "content-length": "1",
      "trailer-own": "own",
      "grpc-status-details-bin": "AAAA",
    }),
  "a ConnectError with several values of a header": () => {
    const metadata = new Headers();
    metadata.append("x-error", "one");
    metadata.append("x-error", "two");
    return new ConnectError("several", Code.Aborted, metadata);
  },
  "a ConnectError that is not ASCII": () => new ConnectError("grüße, 世界 \u{1F30D}%", Code.OutOfRange),
  "a ConnectError of several lines": () =>
    new ConnectError("one\r\ntwo\tthree\u0000\u007f ", Code.OutOfRange),
  "a ConnectError with a long message": () => new ConnectError("long ".repeat(1_000), Code.OutOfRange),
  "a ConnectError with a cause": () =>
    new ConnectError("caused", Code.Unavailable, undefined, undefined, new Error("the cause")),
  "a ConnectError that says it was cancelled": () => new ConnectError("cancelled", Code.Canceled),
  "an Error": () => new Error("not for clients"),
  "a TypeError": () => new TypeError("not for clients"),
  "an AbortError": () => new DOMException("it was aborted", "AbortError"),
  "a TimeoutError": () => new DOMException("it took too long", "TimeoutError"),
  "an Error with a code": () => Object.assign(new Error("reset"), { code: "ECONNRESET" }),
  "what looks like a ConnectError": () => ({
    name: "ConnectError",
    code: Code.NotFound,
    rawMessage: "not so",
  }),
  "a text": () => "a text",
  "a number": () => 5,
  null: () => null,
  undefined: () => undefined,
  "an object": () => ({ code: 5 }),
  "a function": () => () => {},
};

/** Connect's adapter never answers it over gRPC: what is thrown while it writes the error is only logged. */
export const UNTELLABLE: Readonly<Record<string, Behaviour>> = {
  "throws a ConnectError with half a character": () => {
    throw new ConnectError("half \ud800", Code.OutOfRange);
  },
};

/** Those that end by themselves, by an error. */
export const ERRORS: Readonly<Record<string, Behaviour>> = {
  ...Object.fromEntries(
    Object.entries(THROWN).map(([name, thrown]): [string, Behaviour] => [
      `throws ${name}`,
      () => {
        throw thrown();
      },
    ]),
  ),
  ...Object.fromEntries(
    ["a ConnectError with metadata", "an Error", "undefined"].map((name): [string, Behaviour] => [
      `throws ${name}, later`,
      async () => {
        await after(5);
        throw THROWN[name]?.();
      },
    ]),
  ),
  "throws after headers and trailers": (_, context) => {
    context.responseHeader.set("x-header", "one");
    context.responseHeader.set("x-error", "of the header");
    context.responseTrailer.set("x-trailer", "one");
    context.responseTrailer.set("x-error", "of the trailer");
    throw THROWN["a ConnectError with metadata"]?.();
  },
  "throws an Error after headers and trailers": (_, context) => {
    context.responseHeader.set("x-header", "one");
    context.responseTrailer.set("x-trailer", "one");
    throw new Error("not for clients");
  },
  "sets a header that none can be": (_, context) => {
    context.responseHeader.set("x-header", "one\r\ntwo");
    return {};
  },
};

/** Those that go on until their signal fires. */
export const WAITS: Readonly<Record<string, Behaviour>> = {
  "waits, and throws why it was woken": async (_, { signal }) => {
    await fires(signal);
    throw signal.reason;
  },
  "waits, and answers all the same": async ({ text }, { signal }) => {
    await fires(signal);
    return { text: `${text} late` };
  },
  "waits, and throws an Error": async (_, { signal }) => {
    await fires(signal);
    throw new Error("not for clients");
  },
};

/** All that the handlers of the probe can do, by name. */
export const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  ...ANSWERS,
  ...UNSENDABLE,
  ...ERRORS,
  ...UNTELLABLE,
  ...WAITS,
};

async function fires(signal: AbortSignal): Promise<void> {
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
}
