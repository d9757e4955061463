import { create, equals } from "@bufbuild/protobuf";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { OperationSchema, Operations } from "longrunning";
import { GetOperationRequestSchema } from "../../gen/google/longrunning/operations_pb.ts";
import type { Load, LoadFigures } from "../load/load.ts";
import { loadOf } from "../load/load.ts";
import { type Field, type OpenPeer, openField } from "../peers/bench-field.ts";
import {
  connectNode,
  grpcGo,
  grpcJs,
  http2Floor,
  httpFloor,
  ours,
  oursNotDirect,
  oursYoung16,
} from "../peers/peers.ts";
import { sampleTypes } from "../peers/sample.ts";
import type { Usage } from "../processes/answer-questions.ts";
import type { Child } from "../processes/child.ts";

// GetOperation of a small operation that is done, by gRPC and by JSON over HTTP/1.1, from servers that hold a thousand
// of them. All servers run at once, and one after the other is loaded, round after round.
const ROUNDS = 5;
const IN_FLIGHT = 64;
const FOR_MS = 2_000;
const WARM_UP_MS = 6_000;

const NODE_PEERS = [ours, oursYoung16, oursNotDirect, connectNode, grpcJs, http2Floor, httpFloor];

export type Protocol = Load["protocol"];

/** What one server did in one round. */
export interface GetRun extends LoadFigures {
  readonly peer: string;
  readonly protocol: Protocol;
  readonly round: number;
  /** Processor time of the server's process for one call, in microseconds, by the operating system. */
  readonly cpuUs: number;
  /** Of one call to the process that made the load. */
  readonly loadCpuUs: number;
}

/** Measures it. Throws where a server does not answer as it must. */
export async function runGet(): Promise<readonly GetRun[]> {
  await using field = await openField();
  await using load = field.openLoad();
  await using stack = new AsyncDisposableStack();
  const peers: OpenPeer[] = [];
  for (const kind of [...NODE_PEERS, grpcGo(field.folder)]) {
    if (kind !== undefined) peers.push(stack.use(await field.open(kind)));
  }
  const runs: GetRun[] = [];
  for (const protocol of ["grpc", "json"] as const) {
    const speaking = peers.filter(({ ports }) => ports[protocol] !== undefined);
    for (const peer of speaking) {
      await check(peer, protocol, field);
      await measure(peer, protocol, load, field, WARM_UP_MS);
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const peer of round % 2 === 0 ? speaking : speaking.toReversed()) {
        runs.push({ round, ...(await measure(peer, protocol, load, field, FOR_MS)) });
      }
    }
  }
  return runs;
}

function measure(peer: OpenPeer, protocol: Protocol, load: Child, field: Field, forMs: number) {
  return measureGet(peer, protocol, load, { names: field.samples.map(({ name }) => name), forMs });
}

/** Loads a server with calls for these operations; `isRefused`: it has none of them. */
export async function measureGet(
  peer: OpenPeer,
  protocol: Protocol,
  load: Child,
  { names, forMs, isRefused = false }: { names: readonly string[]; forMs: number; isRefused?: boolean },
): Promise<Omit<GetRun, "round">> {
  const port = portOf(peer, protocol);
  const asked = { port, inFlight: IN_FLIGHT, forMs, isRefused, method: Operations.method.getOperation };
  const messages = names.map((name) => create(GetOperationRequestSchema, { name }));
  const usage = () => Promise.all([peer, { process: load }].map((one) => one.process.ask<Usage>("usage")));
  const [before, loadBefore] = await usage();
  const figures = await load.ask<LoadFigures>("call", loadOf(protocol, asked, messages));
  const [after, loadAfter] = await usage();
  const eachUs = (end?: Usage, begin?: Usage) => ((end?.cpuUs ?? 0) - (begin?.cpuUs ?? 0)) / figures.calls;
  if (figures.errors > 0) throw new Error(`${peer.id} failed ${figures.errors} of ${figures.calls} calls`);
  const cpu = { cpuUs: eachUs(after, before), loadCpuUs: eachUs(loadAfter, loadBefore) };
  return { peer: peer.id, protocol, ...figures, ...cpu };
}

/** Makes sure that a server answers the operation that is asked for: those with static bytes the one that they have. */
async function check(peer: OpenPeer, protocol: Protocol, { samples }: Field): Promise<void> {
  const client = createClient(Operations, transportTo(portOf(peer, protocol), protocol));
  const asked = peer.id === "http2" ? samples.slice(0, 1) : samples.slice(0, 10);
  for (const sample of asked) {
    const answer = await client.getOperation({ name: sample.name });
    if (!equals(OperationSchema, answer, sample)) throw new Error(`${peer.id} answered another operation`);
  }
}

export function portOf({ id, ports }: OpenPeer, protocol: Protocol): number {
  const port = ports[protocol];
  if (port === undefined) throw new Error(`${id} does not speak ${protocol}`);
  return port;
}

export function transportTo(port: number, protocol: Protocol): Transport {
  const baseUrl = `http://127.0.0.1:${port}`;
  if (protocol === "grpc") return createGrpcTransport({ baseUrl });
  const jsonOptions = { registry: sampleTypes };
  return createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: false, jsonOptions });
}
