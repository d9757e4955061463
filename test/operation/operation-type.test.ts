import { create, createFileRegistry, type DescMethod, setExtension } from "@bufbuild/protobuf";
import {
  EmptySchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_empty,
  MethodOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import {
  file_google_longrunning_operations,
  OperationSchema,
  Operations,
  operation_info,
} from "../../gen/google/longrunning/operations_pb.ts";
import {
  SimulateWorkMetadataSchema,
  SimulateWorkResponseSchema,
  SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import {
  defineOperationType,
  type OperationType,
  operationInfoFault,
  returnsOperation,
} from "../../src/operation/operation-type.ts";

const SimulatedWork = defineOperationType({
  response: SimulateWorkResponseSchema,
  metadata: SimulateWorkMetadataSchema,
});
const { simulateWork } = SimulatorService.method;

/** A method in package example.v1 that declares these types as its operation_info. */
function methodDeclaring(responseType: string, metadataType: string): DescMethod {
  const options = create(MethodOptionsSchema);
  setExtension(options, operation_info, {
    $typeName: "google.longrunning.OperationInfo",
    responseType,
    metadataType,
  });
  const file = create(FileDescriptorProtoSchema, {
    name: "example/v1/example.proto",
    package: "example.v1",
    syntax: "proto3",
    dependency: [file_google_longrunning_operations.proto.name, file_google_protobuf_empty.proto.name],
    service: [
      {
        name: "Example",
        method: [
          {
            name: "Work",
            inputType: `.${EmptySchema.typeName}`,
            outputType: `.${OperationSchema.typeName}`,
            options,
          },
        ],
      },
    ],
  });
  const imported = [file_google_longrunning_operations, file_google_protobuf_empty];
  const registry = createFileRegistry(file, (path) => imported.find(({ proto }) => proto.name === path));
  const method = registry.getService("example.v1.Example")?.methods[0];
  if (method === undefined) throw new Error("the example service has no method");
  return method;
}

const emptyBoth: OperationType = { response: EmptySchema, metadata: EmptySchema };

describe("defineOperationType", () => {
  it("cannot be changed", () => {
    expect(Object.isFrozen(SimulatedWork)).toBe(true);
  });
});

describe("returnsOperation", () => {
  it("is so for a method that answers with an operation", () => {
    expect(returnsOperation(simulateWork)).toBe(true);
  });

  it("is not so for another method", () => {
    expect(returnsOperation(Operations.method.listOperations)).toBe(false);
  });
});

describe("operationInfoFault", () => {
  it("finds none where the types agree", () => {
    expect(operationInfoFault(simulateWork, SimulatedWork)).toBeUndefined();
  });

  it("finds another response", () => {
    const type = defineOperationType({ response: EmptySchema, metadata: SimulateWorkMetadataSchema });
    expect(operationInfoFault(simulateWork, type)).toBe(
      'operation_info.response_type is "SimulateWorkResponse", and the operation type has google.protobuf.Empty',
    );
  });

  it("finds other metadata", () => {
    const type = defineOperationType({ response: SimulateWorkResponseSchema, metadata: EmptySchema });
    expect(operationInfoFault(simulateWork, type)).toBe(
      'operation_info.metadata_type is "SimulateWorkMetadata", and the operation type has google.protobuf.Empty',
    );
  });

  it("finds response and metadata changed round", () => {
    const type = defineOperationType({
      response: SimulateWorkMetadataSchema,
      metadata: SimulateWorkResponseSchema,
    });
    expect(operationInfoFault(simulateWork, type)).toContain("operation_info.response_type");
  });

  it("finds that a method has no operation_info", () => {
    expect(operationInfoFault(Operations.method.getOperation, SimulatedWork)).toBe(
      "the method has no google.longrunning.operation_info",
    );
  });

  it("takes a fully qualified name", () => {
    const method = methodDeclaring("google.protobuf.Empty", "google.protobuf.Empty");
    expect(operationInfoFault(method, emptyBoth)).toBeUndefined();
  });

  it("does not take a name of another package for one of its own", () => {
    const method = methodDeclaring("Empty", "google.protobuf.Empty");
    expect(operationInfoFault(method, emptyBoth)).toContain('operation_info.response_type is "Empty"');
  });
});
