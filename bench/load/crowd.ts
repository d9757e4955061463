import { create, toBinary } from "@bufbuild/protobuf";
import { WaitOperationRequestSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { percentile } from "../figures.ts";
import { wallUs } from "../peers/peer.ts";
import { GrpcConnection } from "./grpc-connection.ts";

/** Calls that wait for one operation. */
export interface Crowd {
  readonly port: number;
  readonly name: string;
  readonly connections: number;
  readonly callsEach: number;
}

/** When those who waited were answered, in microseconds since the epoch. */
export interface CrowdFigures {
  readonly errors: number;
  readonly firstUs: number;
  readonly middleUs: number;
  readonly lastUs: number;
}

/** A crowd that waits. */
export interface Gathered {
  /** Resolves when the last is answered. */
  readonly answered: Promise<CrowdFigures>;
}

/** Sends all calls of a crowd. */
export async function gatherCrowd({ port, name, connections, callsEach }: Crowd): Promise<Gathered> {
  const message = toBinary(WaitOperationRequestSchema, create(WaitOperationRequestSchema, { name }));
  const path = "/google.longrunning.Operations/WaitOperation";
  const opened = await Promise.all(
    Array.from({ length: connections }, () => GrpcConnection.open(port, path)),
  );
  const atUs: number[] = [];
  let errors = 0;
  const all = Promise.withResolvers<void>();
  for (const connection of opened) {
    for (let i = 0; i < callsEach; i++) {
      connection.call(message, (answer) => {
        atUs.push(wallUs());
        if (answer === undefined) errors++;
        if (atUs.length === connections * callsEach) all.resolve();
      });
    }
  }
  const answered = all.promise.then(() => {
    for (const connection of opened) connection.close();
    const at = (percent: number) => percentile(atUs, percent);
    return { errors, firstUs: at(0), middleUs: at(50), lastUs: at(100) };
  });
  // Wrapped, or who awaits the crowd would await its answers.
  return { answered };
}
