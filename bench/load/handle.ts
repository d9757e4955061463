import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { defineOperationType, OperationHandle, Operations } from "longrunning";
import { wallUs } from "../peers/peer.ts";

/** A handle of this package that waits for an operation. */
export interface WaitingHandle {
  /** When its caller knew that the operation is done, in microseconds since the epoch, and after how many RPCs. */
  readonly known: Promise<{ readonly knownUs: number; readonly rpcs: number }>;
}

const Parked = defineOperationType({ response: StringValueSchema, onServerLoss: "abort" });

/** Clients keep their connection, and so does this one: a transport a port. */
const transports = new Map<number, ReturnType<typeof createGrpcTransport>>();
let rpcs = 0;
const count: Interceptor = (next) => (request) => {
  rpcs++;
  return next(request);
};

/** Waits for an operation by a new handle. */
export function handleThatWaits(port: number, name: string): WaitingHandle {
  let transport = transports.get(port);
  if (transport === undefined) {
    transport = createGrpcTransport({ baseUrl: `http://127.0.0.1:${port}`, interceptors: [count] });
    transports.set(port, transport);
  }
  const before = rpcs;
  const handle = new OperationHandle(createClient(Operations, transport), Parked, name);
  return { known: handle.result().then(() => ({ knownUs: wallUs(), rpcs: rpcs - before })) };
}
