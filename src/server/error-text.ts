import { type ShownError, shownError } from "../telemetry/shown-error.ts";
import { plainText } from "./plain-text.ts";

/**
 * What was thrown, for a log that people read: the same as in JSON. Each of its lines is indented, so that none can be
 * taken for an event of its own, whatever a client has got into the text of an error.
 */
export function errorText(thrown: unknown): string {
  return linesOf(shownError(thrown))
    .map((line) => `    ${plainText(line)}`)
    .join("\n");
}

function linesOf({ type, message, stacktrace, code, cause, errors = [] }: ShownError): string[] {
  const own = (stacktrace ?? `${type}: ${message}`).split("\n");
  return [
    ...own,
    ...(code === undefined ? [] : [`code: ${code}`]),
    ...errors.flatMap((error) => ["one of:", ...linesOf(error)]),
    ...(cause === undefined ? [] : ["caused by:", ...linesOf(cause)]),
  ];
}
