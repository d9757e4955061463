import { Code } from "@connectrpc/connect";

/** What a refusal consists of, beside its message. */
export interface RefusalParts {
  readonly code: Code;
  /** UPPER_SNAKE_CASE, and the same for the same cause for ever (AIP-193). */
  readonly reason: string;
  /** The HTTP status, where it says more than the one that the code stands for. */
  readonly httpStatus?: number | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Which field of the request is wrong, and why. */
  readonly violation?: { readonly field: string; readonly description: string } | undefined;
}

/** A request that is refused before a method is called, because REST cannot read it. */
export class Refusal extends Error {
  readonly parts: RefusalParts;

  constructor(message: string, parts: RefusalParts) {
    super(message);
    this.parts = parts;
  }
}

/** The longest value that a message repeats. */
const SHOWN_LENGTH = 128;

/** A value as a message shows it: in quotes, and cut where it is long. */
export function quoted(value: string): string {
  return JSON.stringify(shown(value));
}

function shown(value: string): string {
  // Half a character, which the cut may leave, is none that UTF-8 could carry.
  return value.length <= SHOWN_LENGTH ? value : `${value.slice(0, SHOWN_LENGTH).toWellFormed()}…`;
}

function invalidArgument(reason: string, message: string, field: string, description = message): Refusal {
  return new Refusal(message, {
    code: Code.InvalidArgument,
    reason,
    metadata: field === "" ? undefined : { field: shown(field) },
    violation: { field: shown(field), description },
  });
}

/** A field of the request has a value that it cannot have. `fault` completes the sentence after the value. */
export function invalidValue(field: string, value: string, fault: string): Refusal {
  const description = `${quoted(value)} ${fault}`;
  return invalidArgument("INVALID_FIELD", `${shown(field)} ${description}`, field, description);
}

/** The query has a parameter that is no field of the request, or none that may stand there. */
export function invalidParameter(name: string, fault: string): Refusal {
  return invalidArgument("INVALID_PARAMETER", `query parameter ${quoted(name)} ${fault}`, name);
}

/** The path or the query is not percent-encoded UTF-8. */
export function malformedEncoding(part: "path" | "query", text: string): Refusal {
  return invalidArgument(
    "MALFORMED_ENCODING",
    `the ${part} has ${quoted(text)}, which is no percent-encoding of UTF-8`,
    "",
  );
}

/** The body is not what the method takes. */
export function invalidBody(fault: string, field = ""): Refusal {
  return invalidArgument("INVALID_BODY", fault, field);
}

/** The body is larger than the server reads. */
export function bodyTooLarge(readMaxBytes: number): Refusal {
  return new Refusal(`the body is larger than ${readMaxBytes} bytes`, {
    code: Code.ResourceExhausted,
    reason: "BODY_TOO_LARGE",
    httpStatus: 413,
    metadata: { limit: String(readMaxBytes) },
  });
}

/** The body is of another type, or encoded otherwise, than the server reads. */
export function unsupportedBody(
  header: "content-type" | "content-encoding",
  value: string,
  offered: string,
): Refusal {
  const what =
    value === "" ? `the request has a body and no ${header}` : `${header} ${quoted(value)} is not offered`;
  const message = `${what}, only ${offered}`;
  return new Refusal(message, {
    code: Code.InvalidArgument,
    reason: "UNSUPPORTED_BODY",
    httpStatus: 415,
    metadata: { header, value: shown(value) },
    violation: { field: "", description: message },
  });
}

/** The path is served, and not with this HTTP method. */
export function methodNotAllowed(method: string, path: string, allowed: readonly string[]): Refusal {
  return new Refusal(`${shown(method)} is not offered for path ${quoted(path)}, only ${allowed.join(", ")}`, {
    code: Code.Unimplemented,
    reason: "METHOD_NOT_ALLOWED",
    httpStatus: 405,
    metadata: { method: shown(method), path: shown(path) },
  });
}

/** No method of any service has this path. */
export function pathNotServed(path: string): Refusal {
  return new Refusal(`path ${quoted(path)} is not served`, {
    code: Code.NotFound,
    reason: "PATH_NOT_SERVED",
    metadata: { path: shown(path) },
  });
}

/** The server made an answer that it cannot send. What it was is in the server's log. */
export function answerNotSendable(): Refusal {
  return new Refusal("internal error", { code: Code.Internal, reason: "INTERNAL" });
}

/** A header has a value that it cannot have. `fault` completes the sentence after the value. */
export function invalidHeader(name: string, value: string, fault: string): Refusal {
  return invalidArgument("INVALID_HEADER", `${name} ${quoted(value)} ${fault}`, name);
}
