import { Code } from "@connectrpc/connect";

/** The HTTP status that stands for a code (google/rpc/code.proto). */
export function httpStatusOf(code: Code): number {
  return HTTP_STATUS[code] ?? 500;
}

const HTTP_STATUS: Readonly<Record<Code, number>> = {
  [Code.Canceled]: 499,
  [Code.Unknown]: 500,
  [Code.InvalidArgument]: 400,
  [Code.DeadlineExceeded]: 504,
  [Code.NotFound]: 404,
  [Code.AlreadyExists]: 409,
  [Code.PermissionDenied]: 403,
  [Code.ResourceExhausted]: 429,
  [Code.FailedPrecondition]: 400,
  [Code.Aborted]: 409,
  [Code.OutOfRange]: 400,
  [Code.Unimplemented]: 501,
  [Code.Internal]: 500,
  [Code.Unavailable]: 503,
  [Code.DataLoss]: 500,
  [Code.Unauthenticated]: 401,
};

/** The name of a code in google.rpc.Code, such as INVALID_ARGUMENT. */
export function statusNameOf(code: Code): string {
  const name = Code[code] ?? "Unknown";
  // The one name that Connect spells otherwise.
  return name === "Canceled" ? "CANCELLED" : snakeCase(name).toUpperCase();
}

/** The code that Connect's protocol calls by a name such as `invalid_argument`; UNKNOWN for any other text. */
export function codeOfConnectName(name: unknown): Code {
  return (typeof name === "string" ? CODES.get(name) : undefined) ?? Code.Unknown;
}

const CODES: ReadonlyMap<string, Code> = new Map(
  Object.values(Code)
    .filter((code) => typeof code === "number")
    .map((code) => [snakeCase(Code[code]), code]),
);

function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
}
