import { createRegistry } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { HealthCheckRequestSchema } from "../../gen/health/v1/health_pb.ts";
import {
  SimulateWorkMetadataSchema,
  SimulateWorkRequestSchema,
  SimulateWorkResponseSchema,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { knownTypes } from "../../src/operation/known-types.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";

describe("the known types", () => {
  it.each([
    "google.rpc.ErrorInfo",
    "google.rpc.Status",
    "google.protobuf.Empty",
    "google.protobuf.Timestamp",
    "google.protobuf.Struct",
    "longrunning.v1.OperationMetadata",
  ])("have %s without an operation type", (typeName) => {
    expect(knownTypes([], undefined).known(typeName)?.typeName).toBe(typeName);
  });

  it.each([
    ["response", defineOperationType({ response: SimulateWorkResponseSchema })],
    ["metadata", defineOperationType({ response: EmptySchema, metadata: SimulateWorkMetadataSchema })],
    [
      "input",
      defineOperationType({
        response: EmptySchema,
        onServerLoss: { handler: "test", input: SimulateWorkRequestSchema },
      }),
    ],
  ])("have the file of the %s of a type", (_, type) => {
    const known = knownTypes([type], undefined).known("longrunning.testing.v1.SimulateWorkRequest");
    expect(known).toBe(SimulateWorkRequestSchema);
  });

  it("have what is given beside", () => {
    const known = knownTypes([], createRegistry(HealthCheckRequestSchema));
    expect(known.known("grpc.health.v1.HealthCheckRequest")).toBe(HealthCheckRequestSchema);
  });
});
