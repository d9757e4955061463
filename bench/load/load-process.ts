import { create, toBinary } from "@bufbuild/protobuf";
import {
  GetOperationRequestSchema,
  WaitOperationRequestSchema,
} from "../../gen/google/longrunning/operations_pb.ts";
import { percentile } from "../figures.ts";
import { wallUs } from "../peers/peer.ts";
import { answerQuestions, ownUsage } from "../processes/answer-questions.ts";
import { type Ended, GrpcConnection } from "./grpc-connection.ts";
import { JsonConnection } from "./json-connection.ts";

// The process that makes the load: it calls whom it is told to call, and tells how long the answers took.

/** Whom to call, and how. */
export interface Load {
  readonly protocol: "grpc" | "json";
  readonly port: number;
  /** How many calls are under way at any time. */
  readonly inFlight: number;
  readonly forMs: number;
  /** The operations to ask for, in turn. */
  readonly names: readonly string[];
}

/** What came of it. */
export interface LoadFigures {
  readonly calls: number;
  readonly errors: number;
  readonly wallMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Calls that wait for one operation. */
export interface Crowd {
  readonly port: number;
  readonly name: string;
  readonly connections: number;
  readonly callsEach: number;
}

/** When those who waited were answered, in microseconds since the epoch. */
export interface CrowdFigures {
  readonly answers: number;
  readonly errors: number;
  readonly firstUs: number;
  readonly middleUs: number;
  readonly lastUs: number;
}

/** Sends one call. */
type Call = (i: number, ended: Ended) => void;

async function keepCalling({ inFlight, forMs }: Load, callers: readonly Call[]): Promise<LoadFigures> {
  const tookMs: number[] = [];
  let errors = 0;
  const beginMs = performance.now();
  const endMs = beginMs + forMs;
  await new Promise<void>((resolve) => {
    let callsLeft = inFlight;
    let next = 0;
    const callOn = (call: Call): void => {
      const calledMs = performance.now();
      call(next++, (message) => {
        const nowMs = performance.now();
        tookMs.push(nowMs - calledMs);
        if (message === undefined) errors++;
        if (nowMs < endMs && errors < 100) callOn(call);
        else if (--callsLeft === 0) resolve();
      });
    };
    for (let i = 0; i < inFlight; i++) callOn(callers[i % callers.length] as Call);
  });
  return {
    calls: tookMs.length,
    errors,
    wallMs: performance.now() - beginMs,
    p50Ms: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
  };
}

async function callByGrpc(load: Load): Promise<LoadFigures> {
  const messages = load.names.map((name) =>
    toBinary(GetOperationRequestSchema, create(GetOperationRequestSchema, { name })),
  );
  // One connection for all calls, as a gRPC client has it.
  const connection = await GrpcConnection.open(load.port, "GetOperation");
  const call: Call = (i, ended) => {
    connection.call(messages[i % messages.length] as Uint8Array, ended);
  };
  const figures = keepCalling(load, [call]);
  connection.flush();
  await figures;
  connection.close();
  return figures;
}

async function callByJson(load: Load): Promise<LoadFigures> {
  const bodies = load.names.map((name) => JSON.stringify({ name }));
  const connections = await times(load.inFlight, () => JsonConnection.open(load.port));
  const callers = connections.map(
    (connection): Call =>
      (i, ended) => {
        connection.call(bodies[i % bodies.length] as string, ended);
      },
  );
  const figures = await keepCalling(load, callers);
  for (const connection of connections) connection.close();
  return figures;
}

function times<T>(count: number, open: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, open));
}

/** The crowd that waits, and what comes of it. */
let crowd: { readonly connections: GrpcConnection[]; readonly answered: Promise<CrowdFigures> } | undefined;

async function park({ port, name, connections: count, callsEach }: Crowd): Promise<void> {
  const message = toBinary(WaitOperationRequestSchema, create(WaitOperationRequestSchema, { name }));
  const connections = await times(count, () => GrpcConnection.open(port, "WaitOperation"));
  const atUs: number[] = [];
  let errors = 0;
  const answered = new Promise<CrowdFigures>((resolve) => {
    const ended: Ended = (answer) => {
      atUs.push(wallUs());
      if (answer === undefined) errors++;
      if (atUs.length === count * callsEach) {
        const [firstUs, middleUs, lastUs] = [0, 50, 100].map((percent) => percentile(atUs, percent)) as [
          number,
          number,
          number,
        ];
        resolve({ answers: atUs.length, errors, firstUs, middleUs, lastUs });
      }
    };
    for (const connection of connections) {
      for (let i = 0; i < callsEach; i++) connection.call(message, ended);
      connection.flush();
    }
  });
  crowd = { connections, answered };
}

async function answersOfCrowd(): Promise<CrowdFigures> {
  if (crowd === undefined) throw new Error("nobody waits");
  const figures = await crowd.answered;
  for (const connection of crowd.connections) connection.close();
  crowd = undefined;
  return figures;
}

answerQuestions({
  ...ownUsage,
  call: (load: Load) => (load.protocol === "grpc" ? callByGrpc(load) : callByJson(load)),
  park,
  answersOfCrowd,
});
