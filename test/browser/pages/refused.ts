import type { Refusal } from "./calls.ts";
import type { AnyJson, OperationJson } from "./operation-json.ts";

/** The names of google.rpc.Code, in the order of their numbers. */
const CODES = [
  ...["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS"],
  ...["PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE"],
  ...["UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"],
];

/** The server has refused a call, or an operation has failed. */
export class Refused extends Error {
  readonly code: string;
  readonly details: readonly AnyJson[];

  constructor(code: string, message: string, details: readonly AnyJson[]) {
    super(message);
    this.code = code;
    this.details = details;
  }
}

/** The payload of an operation that is done. Throws what it failed with. */
export function payloadOf({ response, error }: OperationJson): string {
  if (error === undefined) return response?.payload ?? "";
  throw new Refused(CODES[error.code] ?? "UNKNOWN", error.message ?? "", error.details ?? []);
}

/** What was thrown, in words; what fetch throws has no code. */
export function refusalOf(thrown: unknown): Refusal {
  if (!(thrown instanceof Refused)) return { code: "UNKNOWN", message: String(thrown) };
  const { code, message, details } = thrown;
  const info = details.find((detail) => detail["@type"].endsWith("/google.rpc.ErrorInfo"));
  const badRequest = details.find((detail) => detail["@type"].endsWith("/google.rpc.BadRequest"));
  return {
    ...{ code, message },
    // Protobuf's JSON has these fields as these types.
    reason: info?.["reason"] as string | undefined,
    fields: (badRequest?.["fieldViolations"] as { field: string }[] | undefined)?.map(({ field }) => field),
  };
}
