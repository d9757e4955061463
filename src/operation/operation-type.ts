import { type DescMessage, type DescMethod, getOption, hasOption } from "@bufbuild/protobuf";
import {
  type OperationInfo,
  OperationSchema,
  operation_info,
} from "../../gen/google/longrunning/operations_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { type RetryPolicy, retryPolicy } from "./retry-policy.ts";

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
  /** What becomes of an operation whose server went away. `abort`, the default: it ends with ABORTED. */
  readonly onServerLoss?: "abort" | Resumption | undefined;
  /** How long an operation is kept once it is done, in milliseconds; undefined: as long as its manager says. */
  readonly retentionMs?: number | undefined;
}

/** An operation whose server went away goes on at another one: its handler is called again with the same input. */
export interface Resumption<Input extends DescMessage = DescMessage> {
  /** The name that the handler is registered by. It is stored, and so stays the same for ever. */
  readonly handler: string;
  /** The message that tells the handler what to do. It is stored. */
  readonly input: Input;
  /**
   * How often the work is begun in all. Where the last attempt goes away with its server, the operation ends with
   * ABORTED; where it fails, with its error.
   */
  readonly maxAttempts: number;
  /** When work that throws is begun again; undefined: what it throws is the operation's error at once. */
  readonly retry?: RetryPolicy | undefined;
}

/** An operation type whose work is resumed by a registered handler. */
export interface ResumableType<
  Response extends DescMessage = DescMessage,
  Metadata extends DescMessage = DescMessage,
  Input extends DescMessage = DescMessage,
> extends OperationType<Response, Metadata> {
  readonly onServerLoss: Resumption<Input>;
}

/** What an operation type is defined by. */
export interface OperationTypeDefinition<
  Response extends DescMessage,
  Metadata extends DescMessage = typeof OperationMetadataSchema,
> {
  readonly response: Response;
  /** `longrunning.v1.OperationMetadata` by default. */
  readonly metadata?: Metadata | undefined;
  /** `abort` by default: work that no handler is registered for cannot be begun again. */
  readonly onServerLoss?: "abort" | undefined;
  readonly retentionMs?: number | undefined;
}

/** What an operation type is defined by whose work goes on when its server goes away. */
export interface ResumableTypeDefinition<
  Response extends DescMessage,
  Metadata extends DescMessage,
  Input extends DescMessage,
> extends Omit<OperationTypeDefinition<Response, Metadata>, "onServerLoss"> {
  readonly onServerLoss: Omit<Resumption<Input>, "maxAttempts" | "retry"> & {
    /** 3 by default. */
    readonly maxAttempts?: number | undefined;
    /**
     * Work that throws fails for good by default. With `{}` it is begun again after 1 s, doubled with each attempt up
     * to a minute, unless it throws a ConnectError with a code that the same request always gets.
     */
    readonly retry?: Partial<RetryPolicy> | undefined;
  };
}

const DEFAULT_MAX_ATTEMPTS = 3;

/**
 * Defines a kind of operation, once, for both ends. Throws a RangeError for a retention, a number of attempts or a
 * delay that cannot be.
 */
export function defineOperationType<
  Response extends DescMessage,
  Metadata extends DescMessage = typeof OperationMetadataSchema,
>(definition: OperationTypeDefinition<Response, Metadata>): OperationType<Response, Metadata>;
export function defineOperationType<
  Response extends DescMessage,
  Input extends DescMessage,
  Metadata extends DescMessage = typeof OperationMetadataSchema,
>(definition: ResumableTypeDefinition<Response, Metadata, Input>): ResumableType<Response, Metadata, Input>;
export function defineOperationType({
  response,
  metadata = OperationMetadataSchema,
  onServerLoss = "abort",
  retentionMs,
}:
  | OperationTypeDefinition<DescMessage, DescMessage>
  | ResumableTypeDefinition<DescMessage, DescMessage, DescMessage>): OperationType {
  if (retentionMs !== undefined && !(retentionMs >= 0)) {
    throw new RangeError(
      `retentionMs ${retentionMs} of ${response.typeName} is no time to keep an operation`,
    );
  }
  if (onServerLoss === "abort") return Object.freeze({ response, metadata, onServerLoss, retentionMs });
  const { handler, input, maxAttempts = DEFAULT_MAX_ATTEMPTS, retry } = onServerLoss;
  if (handler === "") throw new RangeError(`the handler of ${response.typeName} has no name`);
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1) {
    throw new RangeError(`maxAttempts ${maxAttempts} of "${handler}" is not a whole number from 1`);
  }
  const resumption = Object.freeze({ handler, input, maxAttempts, retry: retry && retryPolicy(retry) });
  return Object.freeze({ response, metadata, onServerLoss: resumption, retentionMs });
}

/** Whether the work of a type is resumed by a registered handler. */
export function isResumable<Response extends DescMessage, Metadata extends DescMessage>(
  type: OperationType<Response, Metadata>,
): type is ResumableType<Response, Metadata> {
  return (type.onServerLoss ?? "abort") !== "abort";
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
