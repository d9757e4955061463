import type { Registry } from "@bufbuild/protobuf";
import {
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.ts";
import { file_google_rpc_status } from "../../gen/google/rpc/status_pb.ts";
import { file_longrunning_v1_operation_metadata } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { AnyRegistry } from "../json/any-registry.ts";
import { isResumable, type OperationType } from "./operation-type.ts";

/** What is not in an operation type, and yet stands in an Any of nearly every server. */
const COMMON_FILES = [
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
  file_google_rpc_error_details,
  file_google_rpc_status,
  file_longrunning_v1_operation_metadata,
];

/** The types that operations carry as Any, with all that their files have and import: for JSON to show them. */
export function knownTypes(types: readonly OperationType[], more: Registry | undefined): AnyRegistry {
  const messages = types.flatMap((type) => [
    ...[type.response, type.metadata],
    ...(isResumable(type) ? [type.onServerLoss.input] : []),
  ]);
  const registry = new AnyRegistry(...(more === undefined ? [] : [more]), ...messages);
  for (const file of COMMON_FILES) registry.addFile(file);
  return registry;
}
