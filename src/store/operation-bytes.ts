import { toBinary } from "@bufbuild/protobuf";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";

// One for all messages: `toBinary` makes a new one for each, and that costs more than what it writes.
let writer = new BinaryWriter();

/** The bytes of an operation, the same as those of `toBinary`. */
export function bytesOfOperation(message: Readonly<Operation>): Uint8Array<ArrayBuffer> {
  const { name, metadata, done, result } = message;
  if (
    message.$unknown !== undefined ||
    metadata?.$unknown !== undefined ||
    result.value?.$unknown !== undefined
  ) {
    return toBinary(OperationSchema, message);
  }
  try {
    if (name !== "") writer.tag(1, WireType.LengthDelimited).string(name);
    if (metadata !== undefined) writeAny(2, metadata);
    if (done) writer.tag(3, WireType.Varint).bool(done);
    if (result.case === "error") writeStatus(4, result.value);
    if (result.case === "response") writeAny(5, result.value);
  } catch (error) {
    // What it has begun to write is nobody's.
    writer = new BinaryWriter();
    throw error;
  }
  return writer.finish();
}

function writeStatus(field: number, status: Status): void {
  writer.tag(field, WireType.LengthDelimited).bytes(toBinary(StatusSchema, status));
}

function writeAny(field: number, { typeUrl, value }: Any): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  if (typeUrl !== "") writer.tag(1, WireType.LengthDelimited).string(typeUrl);
  if (value.length > 0) writer.tag(2, WireType.LengthDelimited).bytes(value);
  writer.join();
}
