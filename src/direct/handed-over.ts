import type { Readable } from "node:stream";
import type { Message } from "@bufbuild/protobuf";
import {
  type ContextValues,
  createContextKey,
  type HandlerContext,
  type Interceptor,
} from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";

/** Connect's request gate: it runs before the body of a call is read, and throws what the call is refused with. */
export type Gate = (context: HandlerContext) => void | Promise<void>;

/** What came of the gate, or of the implementation. */
export type Outcome = { readonly message: Message } | { readonly error: unknown };

/** A deadline that runs. */
export interface Deadline {
  readonly signal: AbortSignal;
  timeoutMs(): number | undefined;
}

/** How far a call has come that Connect's own handler finishes, because something about it is out of the ordinary. */
export interface Progress {
  /** What the gate has thrown; undefined where it let the call in. */
  readonly refused?: { readonly error: unknown } | undefined;
  /** What came of the implementation; undefined where it was not called. */
  readonly outcome?: Outcome | undefined;
  /** What was set for the answer; undefined where nobody has touched it. */
  readonly responseHeader?: Headers | undefined;
  readonly responseTrailer?: Headers | undefined;
  /** The body, where all of it has come; undefined where it is to be read from the request. */
  readonly body?: Uint8Array | undefined;
  /** What has been read of a body that has not come wholly, and where the rest is to be read. */
  readonly begun?: { readonly begin: readonly Uint8Array[]; readonly rest: Readable | undefined } | undefined;
  /** The call's own deadline, which does not begin anew; undefined where it has none. */
  readonly deadline?: Deadline | undefined;
  readonly values: ContextValues;
  /** Tells the call's own context that the call is over, and why. */
  over(reason: unknown): void;
}

/** A call that is handed over. What was done is not done again: neither gate nor implementation is asked twice. */
export class HandedOver {
  readonly progress: Progress;
  /** The call's context as Connect has made it. */
  context: HandlerContext | undefined;

  constructor(progress: Progress) {
    this.progress = progress;
    progress.values.set(key, this);
  }
}

const key = createContextKey<HandedOver | undefined>(undefined, { description: "handed over" });

/** A request of a call that is handed over, for which no time begins anew. */
export function withDeadline<Request extends Pick<UniversalServerRequest, "signal">>(
  request: Request,
  { deadline }: Pick<Progress, "deadline">,
): Request {
  if (deadline === undefined) return request;
  return { ...request, signal: AbortSignal.any([request.signal, deadline.signal]) };
}

/** A gate that a call which was handed over does not pass again. */
export function passingOnce(gate: Gate | undefined): Gate {
  return (context) => {
    const call = context.values.get(key);
    if (call === undefined) return gate?.(context);
    call.context = context;
    const { responseHeader, responseTrailer, refused, deadline, over } = call.progress;
    const { signal } = context;
    if (deadline !== undefined) Object.assign(context, { timeoutMs: () => deadline.timeoutMs() });
    signal.addEventListener("abort", () => over(signal.reason), { once: true });
    copyHeaders(responseHeader, context.responseHeader);
    copyHeaders(responseTrailer, context.responseTrailer);
    if (refused !== undefined) throw refused.error;
  };
}

/** The interceptor before all others: it answers what is known already. */
export const answeringOnce: Interceptor = (next) => async (request) => {
  const call = request.contextValues.get(key);
  const outcome = call?.progress.outcome;
  if (outcome === undefined || call?.context === undefined || request.stream) return next(request);
  if ("error" in outcome) throw outcome.error;
  const { service, method } = request;
  const { responseHeader: header, responseTrailer: trailer } = call.context;
  return { stream: false, service, method, message: outcome.message, header, trailer };
};

function copyHeaders(from: Headers | undefined, to: Headers): void {
  if (from === undefined) return;
  for (const name of [...to.keys()]) to.delete(name);
  for (const [name, value] of from) to.append(name, value);
}
