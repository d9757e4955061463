import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { OperationStore } from "longrunning";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { newStoredOperation, nextMessage } from "../../src/operation/stored-operation.ts";

/** Keeps an operation, done where it has a result. */
export async function keepOperation(
  store: OperationStore,
  name: string,
  change: { readonly metadata?: Any; readonly result?: Operation["result"] },
): Promise<void> {
  const stored = newStoredOperation({ name, parent: "", createTimeMs: 0 });
  const endTimeMs = change.result && 0;
  await store.insert({ ...stored, endTimeMs, message: nextMessage(stored.message, change) });
}

/** What an operation has failed with. */
export function failure(message: string, details: Any[]): Operation["result"] {
  return { case: "error", value: create(StatusSchema, { code: Code.Internal, message, details }) };
}

/** A message as an Any. */
export function anyOf<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): Any {
  return anyPack(schema, create(schema, init));
}

/** So many bytes of a type that nobody knows. */
export function unknownAny(bytes: number): Any {
  return create(AnySchema, { typeUrl: "type.googleapis.com/far.away.Thing", value: new Uint8Array(bytes) });
}
