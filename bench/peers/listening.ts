import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";

/** Lets a server listen on this machine, and answers its port. */
export async function listening(server: Server): Promise<number> {
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  // A server that listens on a host has an address with a port.
  return (server.address() as AddressInfo).port;
}
