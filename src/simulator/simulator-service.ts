import { anyPack } from "@bufbuild/protobuf/wkt";
import type { ServiceImpl } from "@connectrpc/connect";
import {
  type SimulateWorkRequest,
  SimulateWorkRequestSchema,
  type SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { OperationManager } from "../manager/operation-manager.ts";
import { invalidField } from "../operation/errors.ts";
import { checkParent } from "../operation/operation-name.ts";
import { checkRequestId } from "../operation/request-identity.ts";
import { type Clock, systemClock } from "../time/clock.ts";
import { durationFault } from "../time/duration.ts";
import { firstMetadata, SimulateWork, simulatedWork } from "./simulate-work.ts";

const MOST_STEPS = 10_000;

/** The highest code that a google.rpc.Status can have: UNAUTHENTICATED. */
const LAST_CODE = 16;

/** The test double: operations that take as long as they are told to, and end as they are told to. */
export function createSimulatorService(
  manager: OperationManager,
  clock: Clock = systemClock,
): ServiceImpl<typeof SimulatorService> {
  return {
    async simulateWork(request) {
      checkRequest(request);
      const metadata = firstMetadata(request);
      const work = simulatedWork(request, metadata, clock);
      const { parent, requestId } = request;
      const identity = { id: requestId, content: anyPack(SimulateWorkRequestSchema, request) };
      return manager.start(SimulateWork, work, { parent, metadata, request: identity });
    },
  };
}

function checkRequest(request: SimulateWorkRequest): void {
  const { duration, steps, error, parent, requestId } = request;
  if (duration !== undefined) {
    const fault = durationFault(duration);
    const value = `${duration.seconds}s ${duration.nanos}ns`;
    if (fault !== undefined) throw invalidField("duration", value, `is no time to work: ${fault}`);
  }
  if (steps < 0 || steps > MOST_STEPS) throw invalidField("steps", steps, `is not from 0 to ${MOST_STEPS}`);
  if (error !== undefined && (error.code < 1 || error.code > LAST_CODE)) {
    throw invalidField("error.code", error.code, `is not from 1 to ${LAST_CODE}`);
  }
  checkParent("parent", parent);
  checkRequestId("request_id", requestId);
}
