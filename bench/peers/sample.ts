import { create, createRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack, StringValueSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  ListOperationsResponseSchema,
  type Operation,
  OperationSchema,
} from "../../gen/google/longrunning/operations_pb.ts";
import {
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { sampleName } from "../sample-operations.ts";

const START_MS = Date.UTC(2026, 0, 1, 12);

/** What JSON has to know to show a sample. */
export const sampleTypes = createRegistry(OperationMetadataSchema, StringValueSchema);

/** The operations that every peer serves: done, with metadata and a response. All have as many bytes. */
export function sampleOperations(count: number): Operation[] {
  const time = timestampFromMs(START_MS);
  const metadata = create(OperationMetadataSchema, {
    createTime: time,
    startTime: time,
    updateTime: time,
    endTime: time,
    state: OperationMetadata_State.SUCCEEDED,
    progress: { unitsDone: 12n, unitsTotal: 12n, unit: "pages", percent: 100 },
    attempt: 1,
  });
  const response = create(StringValueSchema, { value: "https://files.example/reports/2026/01/report.pdf" });
  return Array.from({ length: count }, (_, number) =>
    create(OperationSchema, {
      name: sampleName(number),
      metadata: anyPack(OperationMetadataSchema, metadata),
      done: true,
      result: { case: "response", value: anyPack(StringValueSchema, response) },
    }),
  );
}

/** As a file that peers in every language can read: a ListOperationsResponse. */
export function sampleFile(operations: Operation[]): Uint8Array {
  return toBinary(ListOperationsResponseSchema, create(ListOperationsResponseSchema, { operations }));
}

/** What `sampleFile` has written. */
export function readSampleFile(bytes: Uint8Array): Operation[] {
  return fromBinary(ListOperationsResponseSchema, bytes).operations;
}
