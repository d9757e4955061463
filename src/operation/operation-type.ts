import { type DescMessage, type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import {
  type OperationInfo,
  OperationSchema,
  operation_info,
} from "../../gen/google/longrunning/operations_pb.ts";

/**
 * What a kind of operation answers with and reports while it runs: the pair that a method declares as
 * `google.longrunning.operation_info`. The server's manager and the client's handle both take it.
 */
export interface OperationType<
  Response extends DescMessage = DescMessage,
  Metadata extends DescMessage = DescMessage,
> {
  /** The message that a successful operation ends with. */
  readonly response: Response;
  /** The message that tells of the work's progress. */
  readonly metadata: Metadata;
}

/** Defines a kind of operation, once, for both ends. */
export function defineOperationType<Response extends DescMessage, Metadata extends DescMessage>(types: {
  readonly response: Response;
  readonly metadata: Metadata;
}): OperationType<Response, Metadata> {
  return Object.freeze({ response: types.response, metadata: types.metadata });
}

/** Whether a method answers with an operation, and so needs an operation type. */
export function returnsOperation(method: DescMethod): boolean {
  return method.output.typeName === OperationSchema.typeName;
}

/**
 * How an operation type differs from the `operation_info` of its method, in words; undefined where they agree.
 * The names in the option are relative to the method's package, unless they are fully qualified.
 */
export function operationInfoFault(method: DescMethod, type: OperationType): string | undefined {
  if (!hasOption(method, operation_info)) return "the method has no google.longrunning.operation_info";
  const info: OperationInfo = getOption(method, operation_info);
  return (
    typeFault(method, "response_type", info.responseType, type.response) ??
    typeFault(method, "metadata_type", info.metadataType, type.metadata)
  );
}

function typeFault(
  method: DescMethod,
  field: string,
  declared: string,
  type: DescMessage,
): string | undefined {
  const relative = `${method.parent.file.proto.package}.${declared}`;
  if (declared === type.typeName || relative === type.typeName) return undefined;
  return `operation_info.${field} is "${declared}", and the operation type has ${type.typeName}`;
}
