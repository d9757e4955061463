import { clone } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import {
  file_longrunning_v1_operation_metadata,
  OperationMetadataSchema,
  OperationMetadata_State as State,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { giveBack, requestCancel } from "../../src/operation/transition.ts";
import { failure, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import {
  END_MS,
  EXPIRE_MS,
  ended,
  failedWith,
  reporting,
  standard,
  typeIn,
  UPDATE_MS,
  work,
} from "./metadata-samples.ts";

describe("OperationMetadata", () => {
  const owned = running("a", { owner: "me", work });
  it.each([
    { state: "PENDING", of: "work that nobody has begun", stored: running("a", { work }) },
    { state: "PENDING", of: "work that was given back", stored: giveBack(owned) },
    { state: "RUNNING", of: "work that a server runs", stored: owned },
    { state: "RUNNING", of: "work that runs elsewhere", stored: running("a") },
    { state: "CANCELLING", of: "work that is to stop", stored: requestCancel(owned) },
    { state: "CANCELLING", of: "work to stop before it begins", stored: requestCancel(giveBack(owned)) },
    { state: "SUCCEEDED", of: "an end with a response", stored: ended(owned) },
    { state: "SUCCEEDED", of: "an end before a cancel was heard", stored: ended(requestCancel(owned)) },
    { state: "CANCELLED", of: "an end with code 1", stored: failedWith(1) },
    { state: "ABORTED", of: "an end with code 10", stored: failedWith(10) },
    { state: "FAILED", of: "an end with another code", stored: failedWith(8) },
    { state: "FAILED", of: "an end with a code that no RPC has", stored: failedWith(99) },
  ] as const)("has state $state for $of", ({ state, stored }) => {
    expect(standard(stored)?.state).toBe(State[state]);
  });

  it("has the state over what the work said", () => {
    expect(standard(reporting({ state: State.FAILED }))?.state).toBe(State.RUNNING);
  });

  it.each([0, 1, 7])("has attempt %i over what the work said", (attempt) => {
    expect(standard({ ...reporting({ attempt: 3 }), attempt })?.attempt).toBe(attempt);
  });

  it("has the message that the work gave", () => {
    expect(standard(reporting({ message: "writing page 3" }))?.message).toBe("writing page 3");
  });

  it("has every time", () => {
    expect(standard(ended(owned))).toMatchObject({
      createTime: timestampFromMs(NOON_MS),
      startTime: timestampFromMs(NOON_MS),
      updateTime: timestampFromMs(UPDATE_MS),
      endTime: timestampFromMs(END_MS),
      expireTime: timestampFromMs(EXPIRE_MS),
    });
  });

  it.each([
    { unitsDone: 0n, unitsTotal: 3n, percent: 0 },
    { unitsDone: 1n, unitsTotal: 3n, percent: 33 },
    { unitsDone: 2n, unitsTotal: 3n, percent: 66 },
    { unitsDone: 3n, unitsTotal: 3n, percent: 100 },
    { unitsDone: 4n, unitsTotal: 3n, percent: 100 },
    { unitsDone: -1n, unitsTotal: 3n, percent: 0 },
    { unitsDone: 2n ** 63n - 2n, unitsTotal: 2n ** 63n - 1n, percent: 99 },
  ])("has $percent percent at $unitsDone of $unitsTotal units", ({ percent, ...units }) => {
    const stored = reporting({ progress: { ...units, unit: "pages", percent: 50 } });
    expect(standard(stored)?.progress).toMatchObject({ ...units, unit: "pages", percent });
  });

  it.each([0n, -1n])("has the percentage that the work gave where the total is %d", (unitsTotal) => {
    const stored = reporting({ progress: { unitsDone: 5n, unitsTotal, percent: 42 } });
    expect(standard(stored)?.progress?.percent).toBe(42);
  });

  it("tells of no progress where the work tells of none", () => {
    expect(standard(owned)?.progress).toBeUndefined();
  });

  it("has 100 percent at success, and the units that the work gave", () => {
    const stored = ended(reporting({ progress: { unitsDone: 1n, unitsTotal: 3n } }));
    expect(standard(stored)?.progress).toMatchObject({ unitsDone: 1n, unitsTotal: 3n, percent: 100 });
  });

  it("has 100 percent at success where the work never told of progress", () => {
    expect(standard(ended(owned))?.progress?.percent).toBe(100);
  });

  it("goes no further when it fails", () => {
    const stored = ended(reporting({ progress: { unitsDone: 1n, unitsTotal: 3n } }), failure());
    expect(standard(stored)?.progress?.percent).toBe(33);
  });

  it("is filled in full for a user who generated code from an earlier version", () => {
    const file = clone(FileDescriptorProtoSchema, file_longrunning_v1_operation_metadata.proto);
    file.messageType[0]?.field.splice(1);
    const earlier = typeIn(file, OperationMetadataSchema.typeName);
    expect(standard(owned, earlier)).toEqual(standard(owned));
  });
});
