import { createOperations, MemoryStore } from "longrunning";
import { SimulateWork, SimulatorService } from "longrunning/testing";

function open() {
  const operations = createOperations({
    store: new MemoryStore(),
    methods: [[SimulatorService.method.simulateWork, SimulateWork]],
  });
  process.once("SIGTERM", () => operations.close());
  return operations;
}

// Next may load this module more than once in a process.
globalThis.operations ??= open();
export const { operations } = globalThis;
