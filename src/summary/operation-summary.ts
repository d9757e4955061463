import { isMessage } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Any, TimestampSchema, timestampDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import {
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { typeNameOf } from "../json/type-name.ts";
import { type Progress, progressOf } from "./progress.ts";

/** How an operation fares, in one word. */
export type OperationState =
  | "PENDING"
  | "RUNNING"
  | "CANCELLING"
  | "SUCCEEDED"
  | "FAILED"
  | "CANCELLED"
  | "ABORTED"
  /** It is listed no longer. */
  | "GONE";

/** What there is to say of an operation on one line. */
export interface OperationSummary {
  readonly name: string;
  readonly state: OperationState;
  readonly progress: Progress | undefined;
  /** Undefined where its metadata does not say it. */
  readonly createTime: Date | undefined;
  /** The full name of the type of its metadata, or where it has none of its response; "" where it has neither. */
  readonly type: string;
}

/** Knows types, and so what Anys hold. */
export interface AnyReader {
  /** What an Any holds; undefined where its type is not known, or its bytes are none of that type. */
  unpack(any: Any | undefined): ReflectMessage | undefined;
}

/** Sums an operation up. What its metadata says counts where its type is known. */
export function summaryOf(operation: Operation, types: AnyReader): OperationSummary {
  const metadata = types.unpack(operation.metadata);
  const { result } = operation;
  const response = result.case === "response" ? result.value : undefined;
  return {
    name: operation.name,
    state: stateOf(operation, metadata),
    progress: progressOf(metadata),
    createTime: metadata && timeIn(metadata, "create_time"),
    type: typeNameOf((operation.metadata ?? response)?.typeUrl ?? ""),
  };
}

function stateOf({ done, result }: Operation, metadata: ReflectMessage | undefined): OperationState {
  if (result.case === "error") {
    if (result.value.code === Code.Canceled) return "CANCELLED";
    return result.value.code === Code.Aborted ? "ABORTED" : "FAILED";
  }
  if (done) return "SUCCEEDED";
  if (metadata === undefined) return "RUNNING";
  if (["cancel_requested", "requested_cancellation"].some((name) => isTrue(metadata, name)))
    return "CANCELLING";
  const isPending =
    isMessage(metadata.message, OperationMetadataSchema) &&
    metadata.message.state === OperationMetadata_State.PENDING;
  return isPending ? "PENDING" : "RUNNING";
}

function isTrue(message: ReflectMessage, name: string): boolean {
  const field = message.fields.find((field) => field.name === name);
  return field?.fieldKind === "scalar" && message.get(field) === true;
}

/** The time in a field of that name; undefined where there is none. */
export function timeIn(message: ReflectMessage, name: string): Date | undefined {
  const field = message.fields.find((field) => field.name === name);
  if (field?.fieldKind !== "message" || !message.isSet(field)) return undefined;
  const time = message.get(field).message;
  if (!isMessage(time, TimestampSchema)) return undefined;
  const date = timestampDate(time);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
