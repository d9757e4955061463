import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import {
  SimulateWorkMetadataSchema,
  SimulateWorkResponseSchema,
  SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import type { OperationMethod } from "../../src/server/operation-routes.ts";
import { serve } from "../../src/server/serve.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";

const METHOD = SimulatorService.method.simulateWork;
const NAME = "longrunning.testing.v1.SimulatorService/SimulateWork";

describe("a method that returns Operation", () => {
  it("must have an operation type", async () => {
    expect(await faultOf([])).toContain(`${NAME}: no operation type is registered for it`);
  });

  it("must have the response of its operation_info", async () => {
    const type = defineOperationType({ response: StringValueSchema, metadata: SimulateWorkMetadataSchema });
    expect(await faultOf([[METHOD, type]])).toContain(
      `${NAME}: operation_info.response_type is "SimulateWorkResponse"`,
    );
  });

  it("must have the metadata of its operation_info", async () => {
    const type = defineOperationType({ response: SimulateWorkResponseSchema, metadata: StringValueSchema });
    expect(await faultOf([[METHOD, type]])).toContain(
      `${NAME}: operation_info.metadata_type is "SimulateWorkMetadata"`,
    );
  });

  it("is told with the type that it has instead", async () => {
    const type = defineOperationType({ response: StringValueSchema, metadata: SimulateWorkMetadataSchema });
    expect(await faultOf([[METHOD, type]])).toContain("google.protobuf.StringValue");
  });

  it("is served with the type of its operation_info", async () => {
    const type = defineOperationType({
      response: SimulateWorkResponseSchema,
      metadata: SimulateWorkMetadataSchema,
    });
    expect(await faultOf([[METHOD, type]])).toBeUndefined();
  });
});

/** The message of the TypeError that a server with such methods does not start with; undefined where it starts. */
async function faultOf(methods: readonly OperationMethod[]): Promise<string | undefined> {
  await using store = new MemoryStore();
  await using operations = createOperations({ store, methods });
  const starting = serve({
    operations,
    port: 0,
    routes: (router) => router.service(SimulatorService, createSimulatorService(operations.manager)),
  });
  return await starting
    .then(
      (server) => server.close(),
      (error: unknown) => {
        if (error instanceof TypeError) return error.message;
        throw error;
      },
    )
    .then((message) => message ?? undefined);
}
