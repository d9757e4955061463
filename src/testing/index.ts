export { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
export { SimulateWork } from "../simulator/simulate-work.ts";
export { createSimulatorService } from "../simulator/simulator-service.ts";
export { FakeClock } from "./fake-clock.ts";
export { describeStoreContract, type TestRunner } from "./store-contract.ts";
