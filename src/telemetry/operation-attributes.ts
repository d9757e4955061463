import { Code } from "@connectrpc/connect";
import type { Attributes } from "@opentelemetry/api";
import { metadataTypeOf } from "../operation/metadata-type.ts";
import type { OperationType } from "../operation/operation-type.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";

/**
 * What operations are told apart by: the type of their metadata, by which they are listed too. There are as many as a
 * server has types, and no more.
 */
export function attributesOfType({ metadata }: Pick<OperationType, "metadata">): Attributes {
  return { "longrunning.operation.type": metadata.typeName };
}

/** The same of an operation that is kept; "" where it has no metadata. */
export function typeOf(stored: StoredOperation): Attributes {
  return { "longrunning.operation.type": metadataTypeOf(stored) };
}

/** The state of an operation that is done. */
export function stateOf({ message }: StoredOperation): Attributes {
  const { result } = message;
  if (result.case !== "error") return { "longrunning.operation.state": "succeeded" };
  const isCancelled = result.value.code === Code.Canceled;
  return { "longrunning.operation.state": isCancelled ? "cancelled" : "failed" };
}
