import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { type Any, anyIs } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { unpacked } from "../operation/encoded-message.ts";
import { codeOfStatus } from "../operation/status.ts";
import {
  OperationCancelledError,
  OperationFailedError,
  OperationWithoutResultError,
  WrongTypeError,
} from "./errors.ts";

/**
 * The response of an operation that is done. Throws an OperationFailedError or an OperationCancelledError where
 * it ended with an error, an OperationWithoutResultError where it ended with nothing, and a WrongTypeError.
 */
export function responseOf<Response extends DescMessage>(
  desc: Response,
  name: string,
  operation: Operation,
): MessageShape<Response> {
  const { result } = operation;
  switch (result.case) {
    case "response":
      return typed(desc, name, "response", result.value);
    case "error":
      throw codeOfStatus(result.value) === Code.Canceled
        ? new OperationCancelledError(name, result.value)
        : new OperationFailedError(name, result.value);
    case undefined:
      throw new OperationWithoutResultError(name);
  }
}

/** The metadata of an operation; undefined where there is none. Throws a WrongTypeError. */
export function metadataOf<Metadata extends DescMessage>(
  desc: Metadata,
  name: string,
  operation: Operation,
): MessageShape<Metadata> | undefined {
  return operation.metadata && typed(desc, name, "metadata", operation.metadata);
}

function typed<Desc extends DescMessage>(
  desc: Desc,
  name: string,
  part: "response" | "metadata",
  any: Any,
): MessageShape<Desc> {
  if (anyIs(any, desc)) return unpacked(desc, any);
  const actual = any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1);
  throw new WrongTypeError(name, part, { expected: desc.typeName, actual });
}
