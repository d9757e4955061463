import type { Client } from "@connectrpc/connect";
import type { Operations } from "../../gen/google/longrunning/operations_pb.ts";

type Call = (client: Client<typeof Operations>, name: string) => Promise<unknown>;

/** The four RPCs that take the name of one operation. */
export const namedRpcs: readonly (readonly [rpc: string, call: Call])[] = [
  ["GetOperation", (client, name) => client.getOperation({ name })],
  ["WaitOperation", (client, name) => client.waitOperation({ name })],
  ["CancelOperation", (client, name) => client.cancelOperation({ name })],
  ["DeleteOperation", (client, name) => client.deleteOperation({ name })],
];
