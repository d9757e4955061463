import { equals } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { copyOfMessage, newStoredOperation, nextMessage } from "../../src/operation/stored-operation.ts";
import {
  anyOf,
  ended,
  failure,
  NOON_MS,
  progressed,
  running,
} from "../../src/testing/store-contract/sample-operations.ts";

const succeeded = ended(progressed(running("a")), NOON_MS).message;
const failed = ended(progressed(running("a")), NOON_MS, failure()).message;

describe("newStoredOperation", () => {
  it("runs, and has not ended", () => {
    const { message, endTimeMs, expireTimeMs } = running("a");
    expect([message.done, message.result.case, endTimeMs, expireTimeMs]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("is the first revision, of which nobody has asked for a cancel", () => {
    const { revision, cancelRequested } = running("a");
    expect([revision, cancelRequested]).toEqual([1, false]);
  });

  it("has its own name in the message", () => {
    expect(running("a", { parent: "projects/p" }).message.name).toBe("projects/p/operations/a");
  });

  it("has the metadata that it starts with", () => {
    const metadata = anyOf("a/b.C", [1]);
    expect(running("a", { metadata }).message.metadata).toEqual(metadata);
  });

  it("has no metadata where it starts with none", () => {
    expect(Object.keys(running("a").message)).not.toContain("metadata");
  });

  it.each([
    ["projects/p/operations/a", ""],
    ["operations/a", "projects/p"],
    ["projects/p2/operations/a", "projects/p"],
    ["projects/p/operations", "projects/p"],
  ])("refuses the name %j in the parent %j", (name, parent) => {
    expect(() => newStoredOperation({ name, parent, createTimeMs: NOON_MS })).toThrow(TypeError);
  });
});

describe("nextMessage", () => {
  it("keeps what is not changed", () => {
    expect(equals(OperationSchema, nextMessage(succeeded, {}), succeeded)).toBe(true);
  });
});

describe("copyOfMessage", () => {
  it.each([
    ["running", running("a").message],
    ["running, with metadata", progressed(running("a")).message],
    ["succeeded", succeeded],
    ["failed", failed],
  ])("equals the message that it copies: %s", (_, message) => {
    expect(equals(OperationSchema, copyOfMessage(message), message)).toBe(true);
  });

  it("leaves the message alone when its own fields are changed", () => {
    const copy = copyOfMessage(succeeded);
    Object.assign(copy, { name: "operations/b", done: false, result: { case: undefined } });
    expect(succeeded).toEqual(ended(progressed(running("a")), NOON_MS).message);
  });

  it("leaves the message alone when its metadata is changed", () => {
    const { metadata } = copyOfMessage(succeeded);
    if (metadata !== undefined) metadata.typeUrl = "changed";
    metadata?.value.fill(0xff);
    expect(succeeded).toEqual(ended(progressed(running("a")), NOON_MS).message);
  });

  it("leaves the message alone when its response is changed", () => {
    const message = ended(running("a"), NOON_MS, { case: "response", value: anyOf("a/b.C", [1]) }).message;
    const { result } = copyOfMessage(message);
    if (result.case === "response") result.value.typeUrl = "changed";
    if (result.case === "response") result.value.value.fill(0xff);
    expect(message.result.value).toEqual(anyOf("a/b.C", [1]));
  });

  it("leaves the message alone when its error is changed", () => {
    const { result } = copyOfMessage(failed);
    if (result.case === "error") result.value.message = "changed";
    if (result.case === "error") result.value.details[0]?.value.fill(0xff);
    if (result.case === "error") result.value.details.pop();
    expect(failed.result).toEqual(failure());
  });
});
