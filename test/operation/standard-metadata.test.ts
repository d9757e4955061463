import { type DescMessage, fromJson, type JsonValue } from "@bufbuild/protobuf";
import {
  anyPack,
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SimulateWorkMetadataSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import {
  OperationMetadataSchema,
  OperationMetadata_State as State,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { filling, metadataFiller } from "../../src/operation/standard-metadata.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { reportProgress, requestCancel } from "../../src/operation/transition.ts";
import { anyOf, failure, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import {
  CloudMetadata,
  END_MS,
  ended,
  everyTime,
  type Field,
  filled,
  flag,
  isoOf,
  readIn,
  reportingJson,
  response,
  standard,
  text,
  time,
  typeWith,
  UPDATE_MS,
  work,
} from "./metadata-samples.ts";

describe("the conventional times", () => {
  it.each(everyTime)("$field is filled when the operation has ended", ({ field, ms }) => {
    const stored = ended(running("a", { owner: "me" }));
    expect(readIn(typeWith({ [field]: time }), stored)).toEqual({ [field]: isoOf(ms) });
  });

  it("fills those that are known while the work runs", () => {
    const type = typeWith(Object.fromEntries(everyTime.map(({ field }) => [field, time])));
    expect(Object.keys(readIn(type, running("a", { owner: "me" })) ?? {})).toEqual([
      "create_time",
      "start_time",
      "update_time",
    ]);
  });

  it("overwrites what the work said", () => {
    const stored = reportingJson(CloudMetadata, { create_time: isoOf(0) });
    expect(readIn(CloudMetadata, stored)).toEqual({ create_time: isoOf(NOON_MS) });
  });

  it("leaves what the work said of a time that is not known", () => {
    const stored = reportingJson(CloudMetadata, { end_time: isoOf(0) });
    expect(readIn(CloudMetadata, stored)).toMatchObject({ end_time: isoOf(0) });
  });

  it.each([
    { ms: 0, seconds: 0n, nanos: 0 },
    { ms: -1, seconds: -1n, nanos: 999_000_000 },
    { ms: -1_000, seconds: -1n, nanos: 0 },
    { ms: 1_500.25, seconds: 1n, nanos: 500_000_000 },
  ])("tells $ms ms with nanos that count forward", ({ ms, seconds, nanos }) => {
    const stored = { ...running("a"), createTimeMs: ms };
    expect(standard(stored)?.createTime).toMatchObject({ seconds, nanos });
  });

  it("tells no time at which an operation expires that is kept for ever", () => {
    const stored = ended(running("a"), response, Number.POSITIVE_INFINITY);
    const { state, expireTime } = standard(stored) ?? {};
    expect([state, expireTime]).toEqual([State.SUCCEEDED, undefined]);
  });
});

describe("the flag of a cancel", () => {
  it.each(["requested_cancellation", "cancel_requested"])("%s is true once a client asked", (field) => {
    expect(readIn(typeWith({ [field]: flag }), requestCancel(running("a")))).toEqual({ [field]: true });
  });

  it("is false until then", () => {
    expect(readIn(typeWith({ cancel_requested: flag }), running("a"))).toEqual({});
  });

  it("stays true where the work says so", () => {
    const stored = reportingJson(CloudMetadata, { requested_cancellation: true });
    expect(readIn(CloudMetadata, stored)).toMatchObject({ requested_cancellation: true });
  });

  it("is true after the end of an operation that was to be cancelled", () => {
    expect(standard(ended(requestCancel(running("a"))))?.cancelRequested).toBe(true);
  });
});

describe("progress_percent of a foreign type", () => {
  const numbers = (["INT32", "UINT32", "SINT32", "FIXED32", "SFIXED32", "FLOAT", "DOUBLE"] as const).map(
    (type) => ({ type, full: 100 as JsonValue }),
  );
  const bigints = (["INT64", "UINT64", "SINT64", "FIXED64", "SFIXED64"] as const).map((type) => ({
    type,
    full: "100" as JsonValue,
  }));

  it.each([...numbers, ...bigints])("is 100 at success where it is $type", ({ type, full }) => {
    const metadata = typeWith({ progress_percent: { type: Type[type] } });
    expect(readIn(metadata, ended(running("a")))).toEqual({ progress_percent: full });
  });

  it.each([
    { when: "while the work runs", change: (stored: StoredOperation) => stored },
    { when: "when it failed", change: (stored: StoredOperation) => ended(stored, failure()) },
  ])("is as the work said $when", ({ change }) => {
    const type = typeWith({ done_time: time, progress_percent: { type: Type.DOUBLE } });
    const stored = change(reportingJson(type, { progress_percent: 12.5 }));
    expect(readIn(type, stored)).toMatchObject({ progress_percent: 12.5 });
  });
});

describe("a field that only looks conventional", () => {
  it.each<[string, Readonly<Record<string, Field>>]>([
    ["a time as a string", { create_time: text }],
    ["a time as a number", { create_time: { type: Type.INT64 } }],
    ["a list of times", { create_time: { ...time, label: Label.REPEATED } }],
    ["a time of another message type", { create_time: { ...time, typeName: ".example.v1.Metadata" } }],
    ["a flag as a string", { cancel_requested: text }],
    ["a flag as a number", { cancel_requested: { type: Type.INT32 } }],
    ["a list of flags", { cancel_requested: { ...flag, label: Label.REPEATED } }],
    ["a percentage as a string", { progress_percent: text }],
    ["a percentage as bytes", { progress_percent: { type: Type.BYTES } }],
    ["a percentage as a flag", { progress_percent: flag }],
    ["a list of percentages", { progress_percent: { type: Type.INT32, label: Label.REPEATED } }],
    ["a name that every object has", { constructor: time }],
  ])("is no reason to fill: %s", (_, fields) => {
    expect(metadataFiller(typeWith(fields))).toBeUndefined();
  });

  it("does not take the place of the member that the work chose in a oneof", () => {
    const fields = { create_time: { ...time, oneofIndex: 0 }, target: { ...text, oneofIndex: 0 } };
    expect(metadataFiller(typeWith(fields, { oneof: "subject" }))).toBeUndefined();
  });

  it("is left alone beside one that is filled", () => {
    const type = typeWith({ create_time: text, end_time: time });
    const stored = ended(reportingJson(type, { create_time: "at noon" }));
    expect(readIn(type, stored)).toEqual({ create_time: "at noon", end_time: isoOf(END_MS) });
  });
});

describe("metadata that the work reported", () => {
  it("keeps every other field", () => {
    const stored = reportingJson(SimulateWorkMetadataSchema, { steps_done: 2, steps_total: 3 });
    expect(readIn(SimulateWorkMetadataSchema, requestCancel(stored))).toEqual({
      steps_done: 2,
      steps_total: 3,
      create_time: isoOf(NOON_MS),
      cancel_requested: true,
    });
  });

  it.each([CloudMetadata, OperationMetadataSchema])("keeps fields that $typeName does not know", (type) => {
    const field99 = [154, 6, 1, 7];
    const metadata = anyOf(`type.googleapis.com/${type.typeName}`, field99);
    const { value } = filled(type, running("a", { metadata })).message.metadata ?? {};
    expect(value?.slice(-field99.length)).toEqual(Uint8Array.from(field99));
  });

  it("keeps the type URL that it came with", () => {
    const metadata = anyOf(`types.example.com/${CloudMetadata.typeName}`, []);
    expect(filled(CloudMetadata, running("a", { metadata })).message.metadata?.typeUrl).toBe(
      metadata.typeUrl,
    );
  });

  it.each([
    { what: "of another type", metadata: anyOf("type.googleapis.com/google.protobuf.Empty", []) },
    { what: "without a type", metadata: anyOf("", []) },
    { what: "with a type URL that names no type", metadata: anyOf("type.googleapis.com/", []) },
    { what: "that cannot be decoded", metadata: anyOf("type.googleapis.com/example.v1.Metadata", [10, 200]) },
  ])("stays as it is: $what", ({ metadata }) => {
    const stored = ended(running("a", { metadata }));
    expect(filled(CloudMetadata, stored)).toBe(stored);
  });

  it("stays as it is while a required field (proto2) has no value", () => {
    const required = { ...text, label: Label.REQUIRED };
    const stored = ended(running("a"));
    expect(filled(typeWith({ target: required, end_time: time }, { syntax: "proto2" }), stored)).toBe(stored);
  });

  it("is made where the work has reported nothing", () => {
    expect(filled(CloudMetadata, running("a")).message.metadata?.typeUrl).toBe(
      "type.googleapis.com/example.v1.Metadata",
    );
  });

  it("cannot be changed once it is filled", () => {
    const { message } = filled(CloudMetadata, running("a"));
    expect([Object.isFrozen(message), Object.isFrozen(message.metadata)]).toEqual([true, true]);
  });

  it("does not change the operation that it is filled for", () => {
    const stored = ended(reportingJson(CloudMetadata, { target: "a" }));
    const before = structuredClone(stored);
    filled(CloudMetadata, stored);
    expect(stored).toEqual(before);
  });

  it("changes nothing else of the operation", () => {
    const stored = ended(running("a", { owner: "me", work }));
    const { metadata: _, ...rest } = filled(CloudMetadata, stored).message;
    expect({ ...filled(CloudMetadata, stored), message: rest }).toEqual({ ...stored, message: rest });
  });

  it("still ends with the same result", () => {
    expect(filled(CloudMetadata, ended(running("a"), failure())).message.result).toEqual(failure());
  });
});

describe("filling", () => {
  const filler = metadataFiller(OperationMetadataSchema);

  it("tells in the metadata what the transition did", () => {
    const next = filling(filler, UPDATE_MS, requestCancel)(running("a"));
    expect(next).toEqual(filler?.(requestCancel(running("a")), UPDATE_MS));
  });

  it("gives the same object back where the transition changes nothing", () => {
    const stored = requestCancel(running("a"));
    expect(filling(filler, UPDATE_MS, requestCancel)(stored)).toBe(stored);
  });

  it("is the transition itself where there is nothing to fill", () => {
    expect(filling(undefined, UPDATE_MS, requestCancel)).toBe(requestCancel);
  });

  it("throws what the transition throws", () => {
    const report = reportProgress(anyOf("a/b.C", []));
    expect(() => filling(filler, UPDATE_MS, report)(ended(running("a")))).toThrow("already done");
  });
});

describe("filling twice", () => {
  const ms = fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 0) });
  const iso = ms.map(isoOf);
  const unit = fc.string({ unit: "grapheme" });
  const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
  const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  const cloudReport = fc.record(
    { create_time: iso, end_time: iso, target: unit, requested_cancellation: fc.boolean() },
    { requiredKeys: [] },
  );
  const progress = fc.record(
    { unitsDone: int64, unitsTotal: int64, unit, percent: int32 },
    { requiredKeys: [] },
  );
  const ownReport = fc.record(
    { expireTime: iso, state: int32, progress, message: unit, attempt: int32, cancelRequested: fc.boolean() },
    { requiredKeys: [] },
  );

  it.each<{ type: DescMessage; report: fc.Arbitrary<JsonValue> }>([
    { type: CloudMetadata, report: cloudReport },
    { type: OperationMetadataSchema, report: ownReport },
  ])("is as filling once: $type.typeName", ({ type, report }) => {
    const metadata = fc.oneof(
      report.map((json) => anyPack(type, fromJson(type, json))),
      fc.uint8Array().map((bytes) => anyOf(`a/${type.typeName}`, bytes)),
    );
    const operation = fc
      .record({
        start: fc.record({ createTimeMs: ms, metadata: fc.option(metadata, { nil: undefined }) }),
        facts: fc.record(
          { startTimeMs: ms, expireTimeMs: ms, cancelRequested: fc.boolean(), attempt: fc.nat() },
          { requiredKeys: [] },
        ),
        result: fc.constantFrom(undefined, response, failure()),
      })
      .map(({ start, facts, result }) => {
        const stored = { ...running("a", start), ...facts };
        return result ? ended(stored, result) : stored;
      });
    fc.assert(
      fc.property(operation, (stored) => {
        const once = filled(type, stored);
        expect(filled(type, once)).toEqual(once);
      }),
    );
  });
});
