import { clone, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { ERROR_DOMAIN, inDomain, workFailed } from "../operation/errors.ts";
import type { Logger } from "../operation/logger.ts";
import { codeOfStatus, statusOfError } from "../operation/status.ts";

/** How an operation ends whose work threw. What says nothing to a client goes to the log instead. */
export function statusOfThrown(
  thrown: unknown,
  name: string,
  signal: AbortSignal,
  logger: Logger,
  errorDomain = ERROR_DOMAIN,
): Status {
  try {
    // Whoever aborted the signal said with which code the operation ends.
    if (isStop(thrown, signal)) return statusOfError(inDomain(errorDomain, signal.reason));
    if (thrown instanceof ConnectError) return encodable(statusOfError(inDomain(errorDomain, thrown)));
  } catch (fault) {
    // It is not what it says that it is: the operation must end all the same.
    log(logger, `the error of operation ${JSON.stringify(name)} cannot be encoded`, fault);
  }
  log(logger, `the work of operation ${JSON.stringify(name)} failed`, thrown);
  return statusOfError(inDomain(errorDomain, workFailed(name)));
}

/** How an operation ends whose work failed elsewhere: as the error says, or the status. */
export function statusOfGiven(
  error: unknown,
  name: string,
  logger: Logger,
  errorDomain = ERROR_DOMAIN,
): Status {
  if (error instanceof ConnectError) return statusOfError(inDomain(errorDomain, error));
  if (isStatus(error)) return Object.assign(clone(StatusSchema, error), { code: codeOfStatus(error) });
  logger.error(`the work of operation ${JSON.stringify(name)} failed`, error);
  return statusOfError(inDomain(errorDomain, workFailed(name)));
}

/** A status that can be kept, with a code that an error has. Throws where it cannot be encoded. */
function encodable(status: Status): Status {
  const known = Object.assign(status, { code: codeOfStatus(status) });
  toBinary(StatusSchema, known);
  return known;
}

/** What is thrown may be anything, and a logger that cannot show it must not keep an operation from its end. */
function log(logger: Logger, message: string, cause: unknown): void {
  try {
    logger.error(message, cause);
  } catch {
    logger.error(message, new Error("what was thrown cannot be shown"));
  }
}

/** Whether an error says that the work heard its signal and stopped, rather than that it went wrong. */
export function isStop(thrown: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  if (thrown === signal.reason) return true;
  try {
    if (thrown instanceof ConnectError) return thrown.code === Code.Canceled;
    return thrown instanceof Error && thrown.name === "AbortError";
  } catch {
    // A proxy or a getter that throws is nothing that stops work.
    return false;
  }
}

function isStatus(error: unknown): error is Status {
  return (
    typeof error === "object" &&
    error !== null &&
    "$typeName" in error &&
    error.$typeName === StatusSchema.typeName
  );
}
