import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type {
  SimulateWorkMetadata,
  SimulateWorkResponse,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";

/** The metadata of a simulated operation. Throws where there is none. */
export function metadataOf({ metadata }: Operation): SimulateWorkMetadata {
  if (metadata === undefined) throw new Error("the operation has no metadata");
  return unpacked(SimulateWork.metadata, metadata);
}

/** The response of a simulated operation. Throws where it has none. */
export function responseOf({ result }: Operation): SimulateWorkResponse {
  if (result.case !== "response") throw new Error(`the operation has no response, but ${result.case}`);
  return unpacked(SimulateWork.response, result.value);
}

/** The code of the error that the operation ended with; undefined where it did not. */
export function errorCodeOf({ result }: Operation): number | undefined {
  return result.case === "error" ? result.value.code : undefined;
}
