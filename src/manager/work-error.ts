import { Code, ConnectError } from "@connectrpc/connect";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { workFailed } from "../operation/errors.ts";
import { statusOfError } from "../operation/status.ts";
import type { Logger } from "./logger.ts";

/** How an operation ends whose work threw. What says nothing to a client goes to the log instead. */
export function statusOfThrown(thrown: unknown, name: string, signal: AbortSignal, logger: Logger): Status {
  // Whoever aborted the signal said with which code the operation ends.
  if (signal.aborted && hasStopped(thrown, signal.reason)) return statusOfError(signal.reason);
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

/** Whether an error says that the work heard its signal and stopped, rather than that it went wrong. */
function hasStopped(thrown: unknown, reason: unknown): boolean {
  if (thrown === reason) return true;
  if (thrown instanceof ConnectError) return thrown.code === Code.Canceled;
  return thrown instanceof Error && thrown.name === "AbortError";
}
