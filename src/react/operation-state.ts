import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import {
  OperationCancelledError,
  OperationFailedError,
  OperationWithoutResultError,
} from "../client/errors.ts";
import { metadataOf, responseOf } from "../client/unpack.ts";
import type { OperationType } from "../operation/operation-type.ts";

/** What a component knows of an operation. `status` tells which of the other fields there are. */
export type OperationState<Response extends DescMessage, Metadata extends DescMessage> =
  | LoadingOperation
  | KnownOperation<Response, Metadata>;

/** No answer has come yet, or there is no name yet. */
export interface LoadingOperation {
  readonly status: "loading";
  readonly done: false;
  readonly metadata: undefined;
  readonly response: undefined;
  readonly error: undefined;
}

/** What a component knows once there was an answer. */
export type KnownOperation<Response extends DescMessage, Metadata extends DescMessage> = {
  /** The metadata that came last; undefined where none came. */
  readonly metadata: MessageShape<Metadata> | undefined;
} & (
  | {
      readonly status: "running";
      readonly done: false;
      readonly response: undefined;
      readonly error: undefined;
    }
  | {
      readonly status: "succeeded";
      readonly done: true;
      readonly response: MessageShape<Response>;
      readonly error: undefined;
    }
  | {
      readonly status: "failed";
      readonly done: true;
      readonly response: undefined;
      /** What the operation ended with. */
      readonly error: OperationFailedError | OperationWithoutResultError;
    }
  | {
      readonly status: "cancelled";
      readonly done: true;
      readonly response: undefined;
      readonly error: OperationCancelledError;
    }
  | {
      /** How the operation fares now cannot be told. The metadata are those of its last known state. */
      readonly status: "unknown";
      readonly done: false;
      readonly response: undefined;
      /**
       * What the call was refused with, such as NOT_FOUND where the operation is kept no longer; UNAVAILABLE, for
       * one, where the server cannot be reached, which is then asked again; or a WrongTypeError.
       */
      readonly error: ConnectError;
    }
);

const LOADING: LoadingOperation = Object.freeze({
  status: "loading",
  done: false,
  metadata: undefined,
  response: undefined,
  error: undefined,
});

/** The state of an operation, of the last answer for it and of what the last call for it threw, if it did. */
export function operationState<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
  operation: Operation | undefined,
  refusal: ConnectError | null,
): OperationState<Response, Metadata> {
  if (operation !== undefined) return knownOperation(type, operation, refusal);
  return refusal === null ? LOADING : unknown(refusal, undefined);
}

/** The same where there was an answer. */
export function knownOperation<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
  operation: Operation,
  refusal: ConnectError | null,
): KnownOperation<Response, Metadata> {
  const { name } = operation;
  let metadata: MessageShape<Metadata> | undefined;
  try {
    metadata = metadataOf(type.metadata, name, operation);
    // What is done never changes, whatever a later call is refused with.
    if (operation.done) {
      const response = responseOf(type.response, name, operation);
      return { status: "succeeded", done: true, metadata, response, error: undefined };
    }
  } catch (error) {
    return ended(error, metadata);
  }
  if (refusal !== null) return unknown(refusal, metadata);
  return { status: "running", done: false, metadata, response: undefined, error: undefined };
}

function ended<Metadata extends DescMessage>(
  error: unknown,
  metadata: MessageShape<Metadata> | undefined,
): KnownOperation<never, Metadata> {
  if (error instanceof OperationCancelledError) {
    return { status: "cancelled", done: true, metadata, response: undefined, error };
  }
  if (error instanceof OperationFailedError || error instanceof OperationWithoutResultError) {
    return { status: "failed", done: true, metadata, response: undefined, error };
  }
  return unknown(ConnectError.from(error), metadata);
}

function unknown<Metadata extends DescMessage>(
  error: ConnectError,
  metadata: MessageShape<Metadata> | undefined,
): KnownOperation<never, Metadata> {
  return { status: "unknown", done: false, metadata, response: undefined, error };
}
