import { Code, ConnectError } from "@connectrpc/connect";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { quoted } from "../operation/errors.ts";
import { codeOfStatus, detailsOfStatus } from "../operation/status.ts";

/*
 * ConnectError recognizes instances by their fields and by the name "ConnectError", so that copies of connect
 * get along. Its subclasses therefore keep that name: with one of their own, `instanceof ConnectError` would
 * be false, and a handler that lets one through would answer UNKNOWN without details. And each looks at the
 * prototype itself, for by inheritance every ConnectError would be an instance of each.
 */
function isMadeBy(error: unknown, made: { readonly prototype: object }): boolean {
  return error instanceof Error && Object.prototype.isPrototypeOf.call(made.prototype, error);
}

/**
 * The operation has failed. Code, message and details are those of its google.rpc.Status; no RPC has failed.
 * An operation that was cancelled throws an OperationCancelledError instead.
 */
export class OperationFailedError extends ConnectError {
  readonly operationName: string;

  constructor(operationName: string, status: Status) {
    super(status.message, codeOfStatus(status));
    this.details = detailsOfStatus(status);
    this.operationName = operationName;
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return isMadeBy(error, OperationFailedError);
  }
}

/** The operation was cancelled, and its work has stopped. Message and details are those of its google.rpc.Status. */
export class OperationCancelledError extends ConnectError {
  readonly operationName: string;

  constructor(operationName: string, status: Status) {
    super(status.message, Code.Canceled);
    this.details = detailsOfStatus(status);
    this.operationName = operationName;
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return isMadeBy(error, OperationCancelledError);
  }
}

/**
 * The caller waits no longer, and the operation goes on: a later wait finds it again. The code is CANCELED where
 * the caller's signal aborted, with its reason as `cause`, and DEADLINE_EXCEEDED where `timeoutMs` ran out.
 */
export class StoppedWaitingError extends ConnectError {
  readonly operationName: string;

  constructor(operationName: string, code: Code.Canceled | Code.DeadlineExceeded, cause?: unknown) {
    const why = code === Code.Canceled ? "the caller stopped waiting" : "the caller's time is up";
    super(`${why}, and operation ${quoted(operationName)} goes on`, code, undefined, undefined, cause);
    this.operationName = operationName;
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return isMadeBy(error, StoppedWaitingError);
  }
}

/** The server calls the operation done, and gives neither a response nor an error. Its code is INTERNAL. */
export class OperationWithoutResultError extends ConnectError {
  readonly operationName: string;

  constructor(operationName: string) {
    super(`operation ${quoted(operationName)} is done with neither a response nor an error`, Code.Internal);
    this.operationName = operationName;
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return isMadeBy(error, OperationWithoutResultError);
  }
}

/** The operation's response or metadata is of another type than the handle's operation type. Its code is INTERNAL. */
export class WrongTypeError extends ConnectError {
  readonly operationName: string;
  /** The full name of the type that the operation type says. */
  readonly expectedType: string;
  /** The full name of the type that the server sent. */
  readonly actualType: string;

  constructor(
    operationName: string,
    part: "response" | "metadata",
    types: { readonly expected: string; readonly actual: string },
  ) {
    const { expected, actual } = types;
    super(`the ${part} of operation ${quoted(operationName)} is ${actual}, not ${expected}`, Code.Internal);
    this.operationName = operationName;
    this.expectedType = expected;
    this.actualType = actual;
  }

  static override [Symbol.hasInstance](error: unknown): boolean {
    return isMadeBy(error, WrongTypeError);
  }
}

/** The server answers a page with the token that asked for it: following it would list the same page for ever. */
export function samePageAgain(pageToken: string): ConnectError {
  return new ConnectError(`page token ${quoted(pageToken)} leads to the same page again`, Code.Internal);
}
