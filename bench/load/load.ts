import { type DescMethodUnary, type Message, toBinary, toJsonString } from "@bufbuild/protobuf";
import { percentile } from "../figures.ts";
import { type Ended, GrpcConnection } from "./grpc-connection.ts";
import { JsonConnection } from "./json-connection.ts";

/** Calls of one method, and how many. */
export interface Load {
  readonly protocol: "grpc" | "json";
  readonly port: number;
  /** `/google.longrunning.Operations/GetOperation`. */
  readonly path: string;
  /** What the calls ask, in turn: encoded for the protocol, and in base64. */
  readonly messages: readonly string[];
  /** How many calls are under way at any time. */
  readonly inFlight: number;
  readonly forMs: number;
  /** Whether each call is to end with an error, and none other. */
  readonly isRefused?: boolean;
}

/** What came of it. */
export interface LoadFigures {
  readonly calls: number;
  readonly errors: number;
  readonly wallMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A call, or several that make one step: `i` counts the steps. It says by `ended` whether it was answered. */
export type Step = (i: number, ended: (answer: unknown) => void) => void;

/** More than this, and there is nothing to measure. */
const MOST_ERRORS = 100;

/** The load of calls with these messages, in turn. */
export function loadOf<I extends DescMethodUnary>(
  protocol: Load["protocol"],
  { method, ...load }: Omit<Load, "protocol" | "path" | "messages"> & { readonly method: I },
  messages: readonly Message[],
): Load {
  const encoded = messages.map((message) =>
    protocol === "grpc" ? toBinary(method.input, message) : toJsonString(method.input, message),
  );
  return {
    ...{ ...load, protocol },
    path: `/${method.parent.typeName}/${method.name}`,
    messages: encoded.map((bytes) => Buffer.from(bytes).toString("base64")),
  };
}

/** Keeps so many steps under way for so long, and waits for the last. */
export async function keepStepping(
  { inFlight, forMs, isRefused = false }: Pick<Load, "inFlight" | "forMs" | "isRefused">,
  steps: readonly Step[],
): Promise<LoadFigures> {
  const tookMs: number[] = [];
  let errors = 0;
  const beginMs = performance.now();
  const endMs = beginMs + forMs;
  await new Promise<void>((resolve) => {
    let left = inFlight;
    let next = 0;
    const goOn = (step: Step): void => {
      const begunMs = performance.now();
      step(next++, (answer) => {
        const nowMs = performance.now();
        tookMs.push(nowMs - begunMs);
        if ((answer === undefined) !== isRefused) errors++;
        if (nowMs < endMs && errors < MOST_ERRORS) goOn(step);
        else if (--left === 0) resolve();
      });
    };
    for (let i = 0; i < inFlight; i++) {
      const step = steps[i % steps.length];
      if (step !== undefined) goOn(step);
    }
  });
  return {
    calls: tookMs.length,
    errors,
    wallMs: performance.now() - beginMs,
    p50Ms: percentile(tookMs, 50),
    p99Ms: percentile(tookMs, 99),
  };
}

/** Makes a load. */
export function makeLoad(load: Load): Promise<LoadFigures> {
  return load.protocol === "grpc" ? callByGrpc(load) : callByJson(load);
}

/** By one connection for all calls, as a gRPC client has it. */
async function callByGrpc(load: Load): Promise<LoadFigures> {
  const messages = load.messages.map((text) => Buffer.from(text, "base64"));
  const connection = await GrpcConnection.open(load.port, load.path);
  const call = (i: number, ended: Ended) => connection.call(inTurn(messages, i), ended);
  const figures = await keepStepping(load, [call]);
  connection.close();
  return figures;
}

/** By a connection for each call that is under way. */
async function callByJson(load: Load): Promise<LoadFigures> {
  const bodies = load.messages.map((text) => Buffer.from(text, "base64").toString());
  const opened = Array.from({ length: load.inFlight }, () => JsonConnection.open(load.port, load.path));
  const connections = await Promise.all(opened);
  const calls = connections.map(
    (connection) => (i: number, ended: Ended) => connection.call(inTurn(bodies, i), ended),
  );
  const figures = await keepStepping(load, calls);
  for (const connection of connections) connection.close();
  return figures;
}

function inTurn<T>(all: readonly T[], i: number): T {
  const one = all[i % all.length];
  if (one === undefined) throw new RangeError("there is nothing to send");
  return one;
}
