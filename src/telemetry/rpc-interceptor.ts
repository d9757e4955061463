import {
  Code,
  ConnectError,
  type Interceptor,
  type StreamRequest,
  type UnaryRequest,
} from "@connectrpc/connect";
import {
  type Attributes,
  type Context,
  context,
  type Histogram,
  INVALID_SPAN_CONTEXT,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { Clock } from "../time/clock.ts";
import { onlyLooking } from "./only-looks.ts";
import { addressOf, attributesOf, attributesOfAnswer, isError } from "./rpc-call.ts";
import { told } from "./told.ts";

/** What calls are told to. */
export interface RpcInstruments {
  readonly tracer: Tracer;
  /** `rpc.server.call.duration`, or the client's. */
  readonly duration: Histogram;
  readonly clock: Clock;
}

/** Makes a span and a measurement of each call that is answered here. */
export function serverInterceptor(instruments: RpcInstruments): Interceptor {
  return onlyLooking(
    (next) => (request) => observed(instruments, "server", request, parentOf(request), next),
  );
}

/** Makes a span and a measurement of each call that is made here, and tells the server of the span. */
export function clientInterceptor(instruments: RpcInstruments): Interceptor {
  return (next) => (request) => observed(instruments, "client", request, context.active(), next);
}

/** The span of a call that nobody keeps one of. */
const NO_SPAN = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

type Next = Parameters<Interceptor>[0];

async function observed(
  { tracer, duration, clock }: RpcInstruments,
  side: "client" | "server",
  request: UnaryRequest | StreamRequest,
  parent: Context,
  next: Next,
): Promise<Awaited<ReturnType<Next>>> {
  const startMs = clock.monotonicMs();
  const attributes = attributesOf(request);
  const kind = side === "server" ? SpanKind.SERVER : SpanKind.CLIENT;
  const span =
    told(() => tracer.startSpan(attributes["rpc.method"], { kind, attributes }, parent)) ?? NO_SPAN;
  const within = trace.setSpan(parent, span);
  // Where nobody keeps the span, nobody reads its address.
  if (span.isRecording()) span.setAttributes(addressOf(request));
  if (side === "client") told(() => propagation.inject(within, request.header, { set: setHeader }));
  let isOver = false;
  const end = (code: Code | undefined) => {
    if (isOver) return;
    isOver = true;
    const answer = attributesOfAnswer(attributes["rpc.system.name"], code, side);
    told(() => endSpan(span, answer, code !== undefined && isError(code, side)));
    const seconds = (clock.monotonicMs() - startMs) / 1_000;
    told(() => duration.record(seconds, { ...attributes, ...answer }, within));
  };
  try {
    const response = await context.with(within, next, undefined, request);
    if (!response.stream) {
      end(undefined);
      return response;
    }
    return { ...response, message: observedStream(response.message, within, side, end, request.signal) };
  } catch (error) {
    end(codeOf(error, side));
    throw error;
  }
}

/** The messages of a stream, of which each is made in the context of its call. Its end is the end of the call. */
async function* observedStream<Message>(
  messages: AsyncIterable<Message>,
  within: Context,
  side: "client" | "server",
  end: (code: Code | undefined) => void,
  signal: AbortSignal,
): AsyncGenerator<Message> {
  const iterator = messages[Symbol.asyncIterator]();
  let isDone = false;
  try {
    for (;;) {
      const { value, done } = await context.with(within, () => iterator.next());
      isDone = done === true;
      if (isDone) break;
      yield value;
    }
    // A stream that ends because its caller has gone, ends well by itself.
    end(signal.aborted ? codeOf(signal.reason, "client") : undefined);
  } catch (error) {
    isDone = true;
    end(codeOf(error, side));
    throw error;
  } finally {
    // Whoever reads no further has gone.
    end(Code.Canceled);
    if (!isDone) await iterator.return?.();
  }
}

/** What the client is told of an error. */
function codeOf(error: unknown, side: "client" | "server"): Code {
  if (error instanceof ConnectError) return error.code;
  return side === "client" ? ConnectError.from(error).code : Code.Internal;
}

function endSpan(span: Span, answer: Attributes, isError: boolean): void {
  span.setAttributes(answer);
  // Without a message: what an error says may be what the caller has sent.
  if (isError) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The caller's span, or, where somebody has made a span of its HTTP request already, that one. */
function parentOf(request: UnaryRequest | StreamRequest): Context {
  const here = context.active();
  // Where nobody reads the headers, they are not made.
  const extract = () =>
    propagation.extract(here, request, {
      get: ({ header }, name) => header.get(name) ?? undefined,
      keys: ({ header }) => [...header.keys()],
    });
  const received = told(extract) ?? here;
  const isKnown = trace.getSpanContext(received)?.traceId === trace.getSpanContext(here)?.traceId;
  return isKnown ? here : received;
}

function setHeader(header: Headers, name: string, value: string): void {
  header.set(name, value);
}
