import { createContextValues } from "@connectrpc/connect";
import { type ConnectNodeAdapterOptions, connectNodeAdapter } from "@connectrpc/connect-node";
import { behaviours } from "./cases/behaviours.ts";
import { cancels } from "./cases/cancels.ts";
import { contentTypes } from "./cases/content-types.ts";
import { longDeadlines } from "./cases/deadlines.ts";
import { frames } from "./cases/frames.ts";
import { gates } from "./cases/gates.ts";
import { interceptors } from "./cases/interceptors.ts";
import { readLimits } from "./cases/limits.ts";
import { options } from "./cases/options.ts";
import type { Adapter } from "./stacks.ts";
import type { Topic } from "./topic.ts";

type Response = Parameters<ReturnType<Adapter>>[1];
type Lines = Readonly<Record<string, unknown>>;

/** Connect's adapter with one fault, and the topics that find it out. */
type Faulty = readonly [name: string, adapter: Adapter, topics: readonly Topic[]];

/** Faults that a path of its own could have. */
export const FAULTY_ADAPTERS: readonly Faulty[] = [
  ["loses trailers", byTrailers(() => ({})), [behaviours]],
  [
    "tells messages in lower case",
    byTrailers((trailers) =>
      "grpc-message" in trailers
        ? { ...trailers, "grpc-message": String(trailers["grpc-message"]).toLowerCase() }
        : trailers,
    ),
    [behaviours],
  ],
  [
    "takes half a body for a whole one",
    byTrailers((trailers) =>
      String(trailers["grpc-message"]).includes("incomplete") ? { "grpc-status": "0" } : trailers,
    ),
    [frames],
  ],
  [
    "loses details of errors",
    byTrailers(({ "grpc-status-details-bin": _, ...others }) => others),
    [behaviours],
  ],
  ["answers 200 for 415", byHead((status, lines) => [status === 415 ? 200 : status, lines]), [contentTypes]],
  [
    "loses one of two values",
    byHead((status, lines) => [status, mapped(lines, (value) => value.replace(/, two$/, ""))]),
    [behaviours],
  ],
  [
    "sends its header lines in another order",
    byHead((status, lines) => [status, Object.fromEntries(Object.entries(lines).reverse())]),
    [behaviours],
  ],
  [
    "loses the last byte of an answer",
    patched((response) => {
      const { write } = response;
      response.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]) =>
        Reflect.apply(write, response, [chunk.length > 5 ? chunk.slice(0, -1) : chunk, ...rest]);
    }),
    [behaviours],
  ],
  [
    "resets what it has answered",
    patched((response) => {
      if ("stream" in response) response.stream.once("wantTrailers", () => response.stream.close(2));
    }),
    [behaviours],
  ],
  [
    "asks its gate twice",
    byOptions((options) => {
      const gate = options.requestGate;
      if (gate === undefined) return options;
      const twice: typeof gate = async (context) => {
        await gate(context);
        await gate(context);
      };
      return { ...options, requestGate: twice };
    }),
    gates,
  ],
  ["has no gate", byOptions(({ requestGate: _, ...options }) => options), gates],
  ["has no interceptors", byOptions(({ interceptors: _, ...options }) => options), interceptors],
  [
    "forgets the values of a request",
    byOptions((options) => ({ ...options, contextValues: () => createContextValues() })),
    options,
  ],
  ["reads without a limit", byOptions(({ readMaxBytes: _, ...options }) => options), [readLimits]],
  ["takes any deadline", byOptions(({ maxTimeoutMs: _, ...options }) => options), [longDeadlines]],
  [
    "does not say who cancelled",
    patched((response) => {
      // It tells Connect the reason.
      if ("stream" in response) Object.defineProperty(response.stream, "rstCode", { value: 0 });
    }),
    [cancels],
  ],
];

function byOptions(change: (options: ConnectNodeAdapterOptions) => ConnectNodeAdapterOptions): Adapter {
  return (options) => connectNodeAdapter(change(options));
}

function byTrailers(change: (trailers: Lines) => Lines): Adapter {
  return patched((response) => {
    const { addTrailers } = response;
    response.addTrailers = (trailers: object) =>
      Reflect.apply(addTrailers, response, [change(Object.fromEntries(Object.entries(trailers)))]);
  });
}

function byHead(change: (status: number, lines: Lines) => readonly [number, Lines]): Adapter {
  return patched((response) => {
    const { writeHead } = response;
    Object.assign(response, {
      writeHead: (status: number, lines: Lines = {}) =>
        Reflect.apply(writeHead, response, change(status, lines)),
    });
  });
}

function patched(patch: (response: Response) => void): Adapter {
  return (options) => {
    const handler = connectNodeAdapter(options);
    return (request, response) => {
      patch(response);
      handler(request, response);
    };
  };
}

function mapped(lines: Lines, change: (value: string) => string): Lines {
  return Object.fromEntries(Object.entries(lines).map(([name, value]) => [name, change(String(value))]));
}
