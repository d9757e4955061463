import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { Operations } from "longrunning";
import { type OpenPeer, openField } from "../peers/bench-field.ts";
import { connectNode, grpcGo, grpcJs, ours, oursNotDirect } from "../peers/peers.ts";
import { type GetRun, measureGet, type Protocol, portOf, transportTo } from "./get.ts";

// GetOperation of an operation that is not there: what a client's poll for what has expired costs, and a call that is refused.
const ROUNDS = 5;
const FOR_MS = 2_000;
const WARM_UP_MS = 4_000;

const MISSING = { names: ["operations/missing"], isRefused: true };

/** Measures it. Throws where a server answers anything but NOT_FOUND. */
export async function runRefused(): Promise<readonly GetRun[]> {
  await using field = await openField();
  await using load = field.openLoad();
  await using stack = new AsyncDisposableStack();
  const peers: OpenPeer[] = [];
  for (const kind of [ours, oursNotDirect, connectNode, grpcJs, grpcGo(field.folder)]) {
    if (kind !== undefined) peers.push(stack.use(await field.open(kind)));
  }
  const runs: GetRun[] = [];
  for (const protocol of ["grpc", "json"] as const) {
    const speaking = peers.filter(({ ports }) => ports[protocol] !== undefined);
    for (const peer of speaking) {
      await check(peer, protocol);
      await measureGet(peer, protocol, load, { ...MISSING, forMs: WARM_UP_MS });
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (const peer of round % 2 === 0 ? speaking : speaking.toReversed()) {
        runs.push({ round, ...(await measureGet(peer, protocol, load, { ...MISSING, forMs: FOR_MS })) });
      }
    }
  }
  return runs;
}

async function check(peer: OpenPeer, protocol: Protocol): Promise<void> {
  const client = createClient(Operations, transportTo(portOf(peer, protocol), protocol));
  const [name = ""] = MISSING.names;
  const code = await client.getOperation({ name }).then(
    () => undefined,
    (error: unknown) => ConnectError.from(error).code,
  );
  if (code !== Code.NotFound) throw new Error(`${peer.id} does not say that an operation is missing`);
}
