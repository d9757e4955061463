import { clone } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { workFailed } from "../operation/errors.ts";
import { codeOfStatus, statusOfError } from "../operation/status.ts";
import type { Logger } from "./logger.ts";

/** How an operation ends whose work threw. What says nothing to a client goes to the log instead. */
export function statusOfThrown(thrown: unknown, name: string, signal: AbortSignal, logger: Logger): Status {
  // Whoever aborted the signal said with which code the operation ends.
  if (isStop(thrown, signal)) return statusOfError(signal.reason);
  if (thrown instanceof ConnectError) {
    try {
      return statusOfError(thrown);
    } catch (fault) {
      // Its details are not what they say: the operation must end all the same.
      logger.error(`the error of operation "${name}" cannot be encoded`, fault);
    }
  }
  logger.error(`the work of operation "${name}" failed`, thrown);
  return statusOfError(workFailed(name));
}

/** How an operation ends whose work failed elsewhere: as the error says, or the status. */
export function statusOfGiven(error: unknown, name: string, logger: Logger): Status {
  if (error instanceof ConnectError) return statusOfError(error);
  if (isStatus(error)) return Object.assign(clone(StatusSchema, error), { code: codeOfStatus(error) });
  logger.error(`the work of operation "${name}" failed`, error);
  return statusOfError(workFailed(name));
}

/** Whether an error says that the work heard its signal and stopped, rather than that it went wrong. */
export function isStop(thrown: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  if (thrown === signal.reason) return true;
  if (thrown instanceof ConnectError) return thrown.code === Code.Canceled;
  return thrown instanceof Error && thrown.name === "AbortError";
}

function isStatus(error: unknown): error is Status {
  return (
    typeof error === "object" &&
    error !== null &&
    "$typeName" in error &&
    error.$typeName === StatusSchema.typeName
  );
}
