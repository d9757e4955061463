import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { OperationSchema, WaitOperationRequestSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulateWorkRequestSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { GrpcConnection } from "./grpc-connection.ts";
import { keepStepping, type Load, type LoadFigures, type Step } from "./load.ts";

/** How long each operation's work lasts: long enough for its caller to wait for it. */
const WORK_NS = 1_000_000;

/** Starts operations, and waits for each until it is done: a step is both. */
export async function startToDone(load: Pick<Load, "port" | "inFlight" | "forMs">): Promise<LoadFigures> {
  const starting = await GrpcConnection.open(
    load.port,
    "/longrunning.testing.v1.SimulatorService/SimulateWork",
  );
  const waiting = await GrpcConnection.open(load.port, "/google.longrunning.Operations/WaitOperation");
  const request = create(SimulateWorkRequestSchema, { duration: { nanos: WORK_NS } });
  const start = toBinary(SimulateWorkRequestSchema, request);
  const step: Step = (_, ended) => {
    starting.call(start, (started) => {
      if (started === undefined) return ended(undefined);
      const { name } = fromBinary(OperationSchema, started);
      const wait = toBinary(WaitOperationRequestSchema, create(WaitOperationRequestSchema, { name }));
      waiting.call(wait, (answer) => {
        const isDone = answer !== undefined && fromBinary(OperationSchema, answer).done;
        ended(isDone ? answer : undefined);
      });
    });
  };
  const figures = await keepStepping(load, [step]);
  starting.close();
  waiting.close();
  return figures;
}
