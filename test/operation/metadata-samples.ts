import {
  create,
  createFileRegistry,
  type DescMessage,
  fromJson,
  type JsonValue,
  type MessageInitShape,
  type MessageShape,
  toJson,
} from "@bufbuild/protobuf";
import {
  anyPack,
  anyUnpack,
  type FieldDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  file_google_protobuf_timestamp,
  FieldDescriptorProto_Label as Label,
  TimestampSchema,
  FieldDescriptorProto_Type as Type,
  timestampFromMs,
} from "@bufbuild/protobuf/wkt";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { metadataFiller } from "../../src/operation/standard-metadata.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { complete, type OperationResult, reportProgress } from "../../src/operation/transition.ts";
import { anyOf, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";

export const UPDATE_MS = NOON_MS + 500;
export const END_MS = NOON_MS + 1_000;
export const EXPIRE_MS = NOON_MS + 2_000;

export const response: OperationResult = { case: "response", value: anyOf("a/b.Response", [1]) };
export const work = { handler: "export", input: anyOf("a/b.Request", []) };

export type Field = Partial<Pick<FieldDescriptorProto, "type" | "label" | "oneofIndex" | "typeName">>;

export const time: Field = { type: Type.MESSAGE, typeName: ".google.protobuf.Timestamp" };
export const flag: Field = { type: Type.BOOL };
export const text: Field = { type: Type.STRING };

/** A message type example.v1.Metadata with these fields, numbered from 1 on. */
export function typeWith(
  fields: Readonly<Record<string, Field>>,
  file: { readonly syntax?: string; readonly oneof?: string } = {},
): DescMessage {
  const { syntax = "proto3", oneof } = file;
  const proto = create(FileDescriptorProtoSchema, {
    name: "example/v1/metadata.proto",
    package: "example.v1",
    syntax,
    dependency: [file_google_protobuf_timestamp.proto.name],
    messageType: [
      {
        name: "Metadata",
        field: Object.entries(fields).map(([name, field], index) => ({
          name,
          number: index + 1,
          label: Label.OPTIONAL,
          ...field,
        })),
        oneofDecl: oneof === undefined ? [] : [{ name: oneof }],
      },
    ],
  });
  return typeIn(proto, "example.v1.Metadata");
}

/** A message type of a file that imports no more than Timestamp. */
export function typeIn(file: FileDescriptorProto, typeName: string): DescMessage {
  const type = createFileRegistry(file, () => file_google_protobuf_timestamp).getMessage(typeName);
  if (type === undefined) throw new Error(`${file.name} has no ${typeName}`);
  return type;
}

/** The shape of google.cloud.common.OperationMetadata, and of those that came before it. */
export const CloudMetadata = typeWith({
  create_time: time,
  end_time: time,
  target: text,
  requested_cancellation: flag,
});

export const everyTime = [
  { field: "create_time", ms: NOON_MS },
  { field: "start_time", ms: NOON_MS },
  { field: "update_time", ms: UPDATE_MS },
  { field: "end_time", ms: END_MS },
  { field: "done_time", ms: END_MS },
  { field: "expire_time", ms: EXPIRE_MS },
];

export function ended(stored: StoredOperation, result = response, expireTimeMs = EXPIRE_MS): StoredOperation {
  return complete({ result, endTimeMs: END_MS, retentionMs: expireTimeMs - END_MS })(stored);
}

export function failedWith(code: number): StoredOperation {
  return ended(running("a"), { case: "error", value: create(StatusSchema, { code }) });
}

export function isoOf(ms: number): string {
  return toJson(TimestampSchema, timestampFromMs(ms));
}

/** What an operation becomes once its metadata is filled. */
export function filled(type: DescMessage, stored: StoredOperation): StoredOperation {
  return metadataFiller(type)?.(stored, UPDATE_MS) ?? stored;
}

/** What a client reads in an operation's metadata once it is filled. */
export function readIn(type: DescMessage, stored: StoredOperation): JsonValue | undefined {
  const { metadata } = filled(type, stored).message;
  const message = metadata && anyUnpack(metadata, type);
  return message && toJson(type, message, { useProtoFieldName: true });
}

/** What our own message says once it is filled, for a user who has this type for it. */
export function standard(
  stored: StoredOperation,
  type: DescMessage = OperationMetadataSchema,
): MessageShape<typeof OperationMetadataSchema> | undefined {
  const { metadata } = filled(type, stored).message;
  return metadata && anyUnpack(metadata, OperationMetadataSchema);
}

/** Runs, and its work has reported this of our own message. */
export function reporting(
  report: MessageInitShape<typeof OperationMetadataSchema>,
  stored = running("a", { owner: "me" }),
): StoredOperation {
  return reportProgress(anyPack(OperationMetadataSchema, create(OperationMetadataSchema, report)))(stored);
}

/** Runs, and its work has reported this of a type. */
export function reportingJson(type: DescMessage, report: JsonValue): StoredOperation {
  return running("a", { owner: "me", metadata: anyPack(type, fromJson(type, report)) });
}
