import { createClient, createRouterTransport } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { createOperations, MemoryStore, type OperationsServer } from "../../src/index.ts";
import { checkConformance, createSimulatorService, SimulateWork } from "../../src/testing/index.ts";

describe("checkConformance", () => {
  let operations: OperationsServer;

  beforeAll(() => {
    operations = createOperations({
      store: new MemoryStore(),
      methods: [[SimulatorService.method.simulateWork, SimulateWork]],
    });
  });

  afterAll(() => operations.close());

  it("checks a server in this process, and starts operations by a function", async () => {
    const transport = createRouterTransport(
      operations.routes((router) =>
        router.service(SimulatorService, createSimulatorService(operations.manager)),
      ),
    );
    const simulator = createClient(SimulatorService, transport);
    const durations = { succeeds: 1n, fails: 1n, lasts: 600n };
    const { conforms } = await checkConformance({
      transport,
      start: (kind) =>
        simulator.simulateWork({
          duration: { seconds: durations[kind] },
          ...(kind === "fails" && { error: { code: 9 } }),
        }),
      only: ["state", "cancel"],
    });
    expect(conforms).toBe(true);
  });
});
