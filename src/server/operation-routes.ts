import { createRegistry, type DescMethod, type Registry } from "@bufbuild/protobuf";
import {
  file_google_protobuf_any,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_field_mask,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.ts";
import { file_google_rpc_status } from "../../gen/google/rpc/status_pb.ts";
import { file_longrunning_v1_operation_metadata } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { type OperationType, operationInfoFault, returnsOperation } from "../operation/operation-type.ts";

/** A method that returns Operation, with the type of its operations. */
export type OperationMethod = readonly [method: DescMethod, type: OperationType];

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

/** The message types that operations carry as Any, for JSON to write them. */
export function registryOf(methods: readonly OperationMethod[], more: Registry | undefined): Registry {
  const types = methods.flatMap(([, type]) => [type.response, type.metadata]);
  return createRegistry(...COMMON_FILES, ...(more === undefined ? [] : [more]), ...types);
}

/** The same router, whose services read and write the types of a registry in JSON, unless told otherwise. */
export function withRegistry(router: ConnectRouter, registry: Registry): ConnectRouter {
  const jsonOptions = { registry };
  const own: ConnectRouter = {
    handlers: router.handlers,
    service(service, implementation, options) {
      router.service(service, implementation, { jsonOptions, ...options });
      return own;
    },
    rpc(method, implementation, options) {
      router.rpc(method, implementation, { jsonOptions, ...options });
      return own;
    },
  };
  return own;
}

/**
 * Refuses a router in which a method returns Operation and has no operation type, or one that differs from
 * its `operation_info`: its clients could not read what it answers.
 */
export function checkOperationMethods(router: ConnectRouter, methods: readonly OperationMethod[]): void {
  const faults: string[] = [];
  for (const { method } of router.handlers) {
    if (method.parent.typeName === Operations.typeName || !returnsOperation(method)) continue;
    const type = methods.find(([registered]) => isSame(registered, method))?.[1];
    const fault =
      type === undefined ? "no operation type is registered for it" : operationInfoFault(method, type);
    if (fault !== undefined) faults.push(`${method.parent.typeName}/${method.name}: ${fault}`);
  }
  if (faults.length > 0) throw new TypeError(`methods that return Operation: ${faults.join("; ")}`);
}

function isSame(a: DescMethod, b: DescMethod): boolean {
  return a.name === b.name && a.parent.typeName === b.parent.typeName;
}
