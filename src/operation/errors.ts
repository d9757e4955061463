import type { DescMessage, MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { codeOfStatus, detailsOfStatus } from "./status.ts";

/** The ErrorInfo domain of what this package refuses, where its server has no domain of its own (AIP-193). */
export const ERROR_DOMAIN = "longrunning";

/** The longest value that a message repeats: a longer one would not fit into an HTTP header. */
const SHOWN_LENGTH = 128;

/** Why a call is refused, for machines (AIP-193). */
export interface Reason {
  /** UPPER_SNAKE_CASE, and the same for the same cause for ever. */
  readonly reason: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

interface Detail<Desc extends DescMessage = DescMessage> {
  readonly desc: Desc;
  readonly value: MessageInitShape<Desc>;
}

/** The error that a call is refused with: its ErrorInfo, and what other details it has. For the errors.ts of rooms above. */
export function refusal(code: Code, message: string, reason: Reason, ...details: Detail[]): ConnectError {
  const info = { reason: reason.reason, domain: ERROR_DOMAIN, metadata: { ...reason.metadata } };
  return new ConnectError(message, code, undefined, [{ desc: ErrorInfoSchema, value: info }, ...details]);
}

/** After so long, another try may go better (google.rpc.RetryInfo). */
export function retryIn(seconds: number): Detail {
  return { desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(seconds) } } };
}

/**
 * What a server of that domain refuses with. A refusal of this package gets the domain; any other error, and one that
 * came from another server, stays as it is.
 */
export function inDomain<Thrown>(domain: string, error: Thrown): Thrown | ConnectError {
  if (domain === ERROR_DOMAIN || !(error instanceof ConnectError) || !error.details.some(isOurs))
    return error;
  const { rawMessage, code, metadata, cause } = error;
  const renamed = new ConnectError(rawMessage, code, metadata, undefined, cause);
  renamed.details = error.details.map((detail) =>
    isOurs(detail) ? { desc: ErrorInfoSchema, value: { ...detail.value, domain } } : detail,
  );
  return renamed;
}

/** Whether a detail was made by `refusal`: what came over the wire has no descriptor. */
function isOurs(detail: ConnectError["details"][number]): boolean {
  const isErrorInfo = "desc" in detail && detail.desc.typeName === ErrorInfoSchema.typeName;
  return isErrorInfo && "domain" in detail.value && detail.value["domain"] === ERROR_DOMAIN;
}

/** A value as a message shows it: in quotes, and cut where it is long. */
export function quoted(value: string): string {
  return JSON.stringify(shown(value));
}

/** A value as metadata shows it: cut where it is long. */
export function shown(value: string): string {
  // Half a character, which the cut may leave, is none that UTF-8 or JSON could carry.
  return value.length <= SHOWN_LENGTH ? value : `${value.slice(0, SHOWN_LENGTH).toWellFormed()}…`;
}

/** A field of the request has a value that it cannot have. `fault` completes the sentence after the value. */
export function invalidField(field: string, value: string | number, fault: string): ConnectError {
  const text = typeof value === "number" ? String(value) : quoted(value);
  return refusal(
    Code.InvalidArgument,
    `${field} ${text} ${fault}`,
    { reason: "INVALID_FIELD", metadata: { field } },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field, description: `${text} ${fault}` }] } },
  );
}

/** A filter cannot be answered. `fault` completes the sentence "a filter …"; columns are counted from 1. */
export function invalidFilter(filter: string, fault: string, column: number): ConnectError {
  const description = `${quoted(filter)} ${fault} (column ${column})`;
  return refusal(
    Code.InvalidArgument,
    `filter ${description}`,
    { reason: "INVALID_FILTER", metadata: { field: "filter", column: String(column) } },
    { desc: BadRequestSchema, value: { fieldViolations: [{ field: "filter", description }] } },
  );
}

/** No operation of that name is kept: it never was, was deleted, or has expired. */
export function operationNotFound(name: string): ConnectError {
  return refusal(Code.NotFound, `operation ${quoted(name)} is not found`, {
    reason: "OPERATION_NOT_FOUND",
    metadata: { name: shown(name) },
  });
}

/** The operation has its result; nothing may change it now. */
export function operationAlreadyDone(name: string): ConnectError {
  return refusal(Code.FailedPrecondition, `operation ${quoted(name)} is already done`, {
    reason: "OPERATION_ALREADY_DONE",
    metadata: { name: shown(name) },
  });
}

/** Another server took the work over, because this one's lease had ended: what this one still does, changes nothing. */
export function leaseLost(name: string): ConnectError {
  return refusal(Code.FailedPrecondition, `operation ${quoted(name)} belongs to another server by now`, {
    reason: "LEASE_LOST",
    metadata: { name: shown(name) },
  });
}

/** Somebody else keeps an operation of that name. */
export function operationAlreadyExists(name: string): ConnectError {
  return refusal(Code.AlreadyExists, `operation ${quoted(name)} exists already`, {
    reason: "OPERATION_ALREADY_EXISTS",
    metadata: { name: shown(name) },
  });
}

/** This service does not offer the RPC, or not what the request asks of it. */
export function notOffered(what: string): ConnectError {
  return refusal(Code.Unimplemented, `${what} is not offered by this service`, {
    reason: "NOT_OFFERED",
  });
}

/** The client asked for the work to stop, and it did: with this code the operation ends. */
export function cancelledByClient(name: string): ConnectError {
  return refusal(Code.Canceled, `operation ${quoted(name)} was cancelled`, {
    reason: "OPERATION_CANCELLED",
    metadata: { name: shown(name) },
  });
}

/** The server stopped before the work was done: with this code the operation ends. */
export function stoppedByServer(name: string): ConnectError {
  return refusal(Code.Aborted, `operation ${quoted(name)} was aborted, because its server stopped`, {
    reason: "SERVER_STOPPED",
    metadata: { name: shown(name) },
  });
}

/** The server went away before the work was done, and nobody can begin it again: with this code the operation ends. */
export function abortedWithServer(name: string): ConnectError {
  return refusal(Code.Aborted, `operation ${quoted(name)} was aborted, because its server went away`, {
    reason: "SERVER_LOST",
    metadata: { name: shown(name) },
  });
}

/** Every server that began the work went away before it was done, as often as its type allows. */
export function attemptsExhausted(name: string, attempts: number): ConnectError {
  const times = attempts === 1 ? "once" : `${attempts} times`;
  return refusal(
    Code.Aborted,
    `operation ${quoted(name)} was aborted, because its server went away ${times}, and may no more`,
    { reason: "ATTEMPTS_EXHAUSTED", metadata: { name: shown(name), attempts: String(attempts) } },
  );
}

/** The server went away before the work was done, and no server has a handler that could begin it again. */
export function handlerMissing(name: string, handler: string): ConnectError {
  return refusal(
    Code.Aborted,
    `operation ${quoted(name)} was aborted, because no server can go on with ${quoted(handler)}`,
    { reason: "HANDLER_MISSING", metadata: { name: shown(name), handler: shown(handler) } },
  );
}

/** An earlier request with the same ID asked for something else (AIP-155 is silent on what that one gets). */
export function requestIdTaken(requestId: string): ConnectError {
  return refusal(
    Code.AlreadyExists,
    `request_id ${quoted(requestId)} was used before, for a request with another content`,
    { reason: "REQUEST_ID_TAKEN", metadata: { field: "request_id" } },
  );
}

/** The store has no room for more. What is in it stays as it is. */
export function storeFull(cause: unknown): ConnectError {
  const error = refusal(
    Code.ResourceExhausted,
    "the store of operations is full",
    { reason: "STORE_FULL" },
    // Room comes with what expires, or with a person.
    retryIn(60),
  );
  error.cause = cause;
  return error;
}

/** The store could not do what it was asked for: its disk or its server failed. The cause is for the log alone. */
export function storeUnavailable(cause: unknown): ConnectError {
  const error = refusal(
    Code.Unavailable,
    "the store of operations is not available",
    { reason: "STORE_UNAVAILABLE" },
    retryIn(2),
  );
  error.cause = cause;
  return error;
}

/** Whose calls, or whose work, a limit counts: those of everybody at this process, or those of one principal. */
export type LimitScope = "process" | "principal";

/** As many calls wait for operations as may: on this process, or for this principal. */
export function tooManyWaits(scope: LimitScope, limit: number): ConnectError {
  return limitReached("TOO_MANY_WAITS", "as many calls wait", scope, limit, 1);
}

/** As many operations run as may: of this process, or of this principal. Nothing is kept of the one that is refused. */
export function tooManyRunning(scope: LimitScope, limit: number): ConnectError {
  return limitReached("TOO_MANY_RUNNING", "as many operations run", scope, limit, 5);
}

/** As many calls were made within this second as may be: at this process, or by this principal. */
export function tooManyCalls(scope: LimitScope, limit: number, retrySeconds: number): ConnectError {
  return limitReached("TOO_MANY_CALLS", "as many calls a second are made", scope, limit, retrySeconds);
}

function limitReached(reason: string, fact: string, scope: LimitScope, limit: number, retrySeconds: number) {
  const whose = scope === "process" ? "at this server" : "for this caller";
  const metadata = { scope, limit: String(limit) };
  return refusal(
    Code.ResourceExhausted,
    `${fact} ${whose} as may: ${limit}`,
    { reason, metadata },
    retryIn(retrySeconds),
  );
}

/** The server is stopping and takes no new work. Another server, or a later try, may. */
export function serverStopping(): ConnectError {
  return refusal(
    Code.Unavailable,
    "the server is stopping and takes no new work",
    { reason: "SERVER_STOPPING" },
    retryIn(1),
  );
}

/** The work failed in a way that says nothing to a client. What it was is in the server's log. */
export function workFailed(name: string): ConnectError {
  return refusal(Code.Internal, `operation ${quoted(name)} failed with an internal error`, {
    reason: "WORK_FAILED",
    metadata: { name: shown(name) },
  });
}

/** The error that a status tells of, with its code, message and details. */
export function errorOfStatus(status: Status): ConnectError {
  const error = new ConnectError(status.message, codeOfStatus(status));
  error.details = detailsOfStatus(status);
  return error;
}

/** The server mounts no service of that name. */
export function serviceNotFound(service: string): ConnectError {
  return refusal(Code.NotFound, `service ${quoted(service)} is not found`, {
    reason: "SERVICE_NOT_FOUND",
    metadata: { service: shown(service) },
  });
}
