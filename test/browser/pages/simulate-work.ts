import { defineOperationType } from "longrunning/client";
import {
  SimulateWorkMetadataSchema,
  SimulateWorkResponseSchema,
} from "../../../gen/longrunning/testing/v1/simulator_pb.ts";

/** The operations of SimulatorService/SimulateWork, as a page defines them. */
export const SimulateWork = defineOperationType({
  response: SimulateWorkResponseSchema,
  metadata: SimulateWorkMetadataSchema,
});
