import { Code, ConnectError } from "@connectrpc/connect";
import { withoutSecrets } from "./without-secrets.ts";

/** What a log shows of an error, by the names that OpenTelemetry has for exceptions. */
export interface ShownError {
  readonly type: string;
  readonly message: string;
  readonly stacktrace?: string;
  readonly code?: string;
  readonly cause?: ShownError;
  /** Of an AggregateError: the first of those that it is made of. */
  readonly errors?: readonly ShownError[];
}

/** How many causes of causes are shown. */
const DEEPEST = 5;

/** How many errors of an AggregateError are shown. */
const MOST_ERRORS = 5;

/** What may be shown of what was thrown: whatever else is on it may be what a client has sent. Never throws. */
export function shownError(thrown: unknown, depth = 0): ShownError {
  try {
    if (!(thrown instanceof Error)) return { type: typeof thrown, message: textOf(thrown) };
    const { name, message, stack, cause } = thrown;
    const code = codeOf(thrown);
    return {
      type: typeof name === "string" ? withoutSecrets(name) : "unknown",
      message: textOf(message),
      ...(typeof stack === "string" && { stacktrace: withoutSecrets(stack) }),
      ...(code !== undefined && { code }),
      ...(cause !== undefined && depth < DEEPEST && { cause: shownError(cause, depth + 1) }),
      // Without causes of their own: a log is not to grow with each level.
      ...(thrown instanceof AggregateError &&
        depth < DEEPEST && {
          errors: thrown.errors.slice(0, MOST_ERRORS).map((error) => shownError(error, DEEPEST)),
        }),
    };
  } catch {
    // A proxy, or a getter that throws.
    return { type: "unknown", message: "what was thrown cannot be shown" };
  }
}

/** What is no text may be a payload. */
function textOf(said: unknown): string {
  return typeof said === "string" ? withoutSecrets(said) : "what was thrown is no error";
}

function codeOf(error: Error): string | undefined {
  if (error instanceof ConnectError) return Code[error.code];
  return "code" in error && typeof error.code === "string" ? withoutSecrets(error.code) : undefined;
}
