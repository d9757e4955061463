import { file_google_protobuf_any } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { file_google_longrunning_operations } from "../../gen/google/longrunning/operations_pb.ts";
import { file_longrunning_testing_v1_simulator } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { FileIndex } from "../../src/reflection/file-index.ts";

const files = new FileIndex([file_google_longrunning_operations, file_longrunning_testing_v1_simulator]);
const OPERATIONS = "google/longrunning/operations.proto";

describe("a file index", () => {
  it.each([
    ["a service", "google.longrunning.Operations", OPERATIONS],
    ["a method", "google.longrunning.Operations.GetOperation", OPERATIONS],
    ["a message", "google.longrunning.Operation", OPERATIONS],
    ["a field", "google.longrunning.Operation.done", OPERATIONS],
    ["a oneof", "google.longrunning.Operation.result", OPERATIONS],
    ["an extension", "google.longrunning.operation_info", OPERATIONS],
    ["an imported message", "google.rpc.Status", "google/rpc/status.proto"],
    [
      "a nested message",
      "google.protobuf.DescriptorProto.ExtensionRange",
      "google/protobuf/descriptor.proto",
    ],
    ["an enum", "google.protobuf.Edition", "google/protobuf/descriptor.proto"],
    ["an enum value", "google.protobuf.EDITION_PROTO3", "google/protobuf/descriptor.proto"],
    ["a nested enum", "google.protobuf.FieldOptions.CType", "google/protobuf/descriptor.proto"],
    ["a nested enum value", "google.protobuf.FieldOptions.CORD", "google/protobuf/descriptor.proto"],
  ])("finds %s", (_, symbol, file) => {
    expect(files.declaring(symbol)?.proto.name).toBe(file);
  });

  it.each([
    "",
    "google",
    "google.longrunning",
    "google.longrunning.Nothing",
    "Operation",
    ".google.rpc.Status",
  ])("does not find %j", (symbol) => {
    expect(files.declaring(symbol)).toBeUndefined();
  });

  it("finds every file that another one imports by its name", () => {
    const missing = ["google/protobuf/any.proto", OPERATIONS]
      .flatMap((name) => files.named(name)?.proto.dependency ?? [])
      .filter((name) => files.named(name) === undefined);
    expect(missing).toEqual([]);
  });

  it("finds an extension by its number", () => {
    expect(files.extending("google.protobuf.MethodOptions", 1049)?.proto.name).toBe(OPERATIONS);
  });

  it("knows the numbers of all extensions of a type", () => {
    expect(files.extensionNumbers("google.protobuf.MethodOptions")).toEqual([1049, 1051, 72295728]);
  });

  it("knows that a type has no extensions", () => {
    expect(files.extensionNumbers("google.longrunning.Operation")).toEqual([]);
  });

  it("has no numbers of a type that there is not", () => {
    expect(files.extensionNumbers("google.longrunning.Nothing")).toBeUndefined();
  });

  it("takes the first of two files of a name", () => {
    const copy = { ...file_google_protobuf_any };
    expect(new FileIndex([file_google_protobuf_any, copy]).named("google/protobuf/any.proto")).toBe(
      file_google_protobuf_any,
    );
  });
});
