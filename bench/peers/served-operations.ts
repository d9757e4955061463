import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { createOperations, defineOperationType, MemoryStore, type OperationsServer } from "longrunning";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { newStoredOperation, type StoredOperation } from "../../src/operation/stored-operation.ts";
import { complete } from "../../src/operation/transition.ts";
import { readSampleFile, sampleTypes } from "./sample.ts";

const Parked = defineOperationType({ response: StringValueSchema, onServerLoss: "abort" });

/** The operations of this package, as two peers serve them: by `serve`, and by plain connect-node. */
export async function servedOperations(sampleFile: Uint8Array): Promise<{
  readonly operations: OperationsServer;
  readonly begin: () => Promise<string>;
  readonly end: () => void;
}> {
  const store = new MemoryStore();
  for (const sample of readSampleFile(sampleFile)) await store.insert(storedSample(sample));
  const operations = createOperations({ store, registry: sampleTypes });
  let end = () => {};
  return {
    operations,
    begin: async () => {
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      const { name } = await operations.manager.start(Parked, async () => {
        await ended;
        return { value: "done" };
      });
      return name;
    },
    end: () => end(),
  };
}

function storedSample({ name, metadata, result }: Operation): StoredOperation {
  if (result.case === undefined) throw new Error(`sample "${name}" has no result`);
  const createTimeMs = Date.UTC(2026, 0, 1);
  const started = newStoredOperation({ name, parent: "", createTimeMs, metadata });
  const end = complete({ result, endTimeMs: createTimeMs, retentionMs: Number.POSITIVE_INFINITY });
  return { ...end(started), revision: 2 };
}
