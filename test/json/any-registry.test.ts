import { createRegistry } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { HelpSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { SimulateWorkResponseSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { AnyRegistry } from "../../src/json/any-registry.ts";

describe("a registry for Any", () => {
  it.each([
    ["a type itself", "longrunning.testing.v1.SimulateWorkResponse"],
    ["its neighbours", "longrunning.testing.v1.SimulateWorkMetadata"],
    ["what its file imports", "google.rpc.Status"],
    ["what that imports", "google.protobuf.Any"],
  ])("knows %s", (_, typeName) => {
    expect(new AnyRegistry(SimulateWorkResponseSchema).known(typeName)?.typeName).toBe(typeName);
  });

  it("knows the types of a file that was added after it was asked", () => {
    const registry = new AnyRegistry();
    registry.known("google.rpc.Help");
    registry.addFile(HelpSchema.file);
    expect(registry.known("google.rpc.Help")).toBe(HelpSchema);
  });

  it("knows no more than what it was given", () => {
    expect(new AnyRegistry(createRegistry(HelpSchema)).known("google.rpc.RetryInfo")).toBeUndefined();
  });

  it("with further types knows both", () => {
    const registry = new AnyRegistry(createRegistry(HelpSchema)).with(createRegistry(RetryInfoSchema));
    expect([registry.known("google.rpc.Help"), registry.known("google.rpc.RetryInfo")]).toEqual([
      HelpSchema,
      RetryInfoSchema,
    ]);
  });

  it("is not changed by what another is given that is made of it", () => {
    const registry = new AnyRegistry();
    registry.with(createRegistry(RetryInfoSchema));
    expect(registry.known("google.rpc.RetryInfo")).toBeUndefined();
  });

  it("has the files of all types that it knows", () => {
    const files = new AnyRegistry(OperationSchema).files;
    expect([files.has(OperationSchema.file), files.has(StringValueSchema.file)]).toEqual([true, true]);
  });

  it("has for every other name a type that no real message is taken for", () => {
    const type = new AnyRegistry().getMessage("far.away.Thing");
    expect(type?.fields.map(({ name, number }) => [name, number])).toEqual([["value", 2 ** 29 - 1]]);
  });
});
