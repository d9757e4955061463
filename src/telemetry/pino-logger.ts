import { trace } from "@opentelemetry/api";
import { shownError } from "./shown-error.ts";
import { withoutSecrets } from "./without-secrets.ts";

/** As much of a pino logger as is needed of it. */
export interface PinoLike {
  /** Logs what is as it should be. */
  info(fields: object, message: string): void;
  /** Logs what went wrong. */
  error(fields: object, message: string): void;
}

/** A logger for `logger` of `createOperations` and `serve`. */
export interface PinoLogger {
  /** Tells what is as it should be. */
  info(message: string): void;
  /** Tells what went wrong. */
  error(message: string, cause?: unknown): void;
}

/**
 * Logs by pino, with the ids of the span in which something happens. Of an error it tells the kind, the message and
 * the stack, and nothing that somebody has put on it; what looks like a credential is left out.
 */
export function pinoLogger(pino: PinoLike): PinoLogger {
  return {
    info: (message) => pino.info(traceIds(), withoutSecrets(message)),
    error: (message, cause) =>
      pino.error(
        { ...traceIds(), ...(cause !== undefined && { exception: shownError(cause) }) },
        withoutSecrets(message),
      ),
  };
}

/** By the names that OpenTelemetry has for logs of other formats than its own. */
function traceIds(): object {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined) return {};
  const flags = span.traceFlags.toString(16).padStart(2, "0");
  return { trace_id: span.traceId, span_id: span.spanId, trace_flags: flags };
}
