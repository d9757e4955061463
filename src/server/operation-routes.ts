import type { DescMethod } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { type OperationType, operationInfoFault, returnsOperation } from "../operation/operation-type.ts";

/** A method that returns Operation, with the type of its operations. */
export type OperationMethod = readonly [method: DescMethod, type: OperationType];

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
