import {
  createFileRegistry,
  type DescMethod,
  type DescMethodUnary,
  type FileRegistry,
  fromBinary,
  getOption,
  hasOption,
} from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { OperationSchema, operation_info } from "../../gen/google/longrunning/operations_pb.ts";
import type { RpcName } from "./start-method.ts";
import { ConformanceUsageError } from "./usage-error.ts";

/** Reads a google.protobuf.FileDescriptorSet, as `buf build -o` and `protoc -o` write it. */
export function readSchema(bytes: Uint8Array): FileRegistry {
  try {
    return createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConformanceUsageError(`the schema is no FileDescriptorSet with all its imports: ${why}`);
  }
}

/** Finds a method that answers with an operation. Throws a ConformanceUsageError where there is none. */
export function startMethodIn(registry: FileRegistry, { service, method }: RpcName): DescMethodUnary {
  const desc = registry.getService(service);
  if (desc === undefined) throw new ConformanceUsageError(`service "${service}" is not in the schema`);
  const found = desc.methods.find(({ name }) => name === method);
  if (found === undefined) throw new ConformanceUsageError(`service "${service}" has no method "${method}"`);
  if (!isUnary(found) || found.output.typeName !== OperationSchema.typeName) {
    throw new ConformanceUsageError(`${service}/${method} does not return a ${OperationSchema.typeName}`);
  }
  return found;
}

function isUnary(method: DescMethod): method is DescMethodUnary {
  return method.methodKind === "unary";
}

/** The types that a method declares as its `operation_info`, by their full names; "" where it leaves one out. */
export interface DeclaredTypes {
  readonly response: string;
  readonly metadata: string;
}

/** What the `operation_info` of a method says; undefined where it has none. */
export function declaredTypes(method: DescMethod): DeclaredTypes | undefined {
  if (!hasOption(method, operation_info)) return undefined;
  const { responseType, metadataType } = getOption(method, operation_info);
  return { response: fullName(method, responseType), metadata: fullName(method, metadataType) };
}

// A name without a dot is one of the method's package; whether one with a dot is, only its registry could tell.
function fullName(method: DescMethod, name: string): string {
  const { package: scope } = method.parent.file.proto;
  return name === "" || name.includes(".") || scope === "" ? name : `${scope}.${name}`;
}
