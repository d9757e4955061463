import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What a proxy does with a COMMIT that goes by. */
export type CommitFault = "cut before" | "cut after";

/** A proxy in front of PostgreSQL that can lose connections at the worst moment. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Cuts the connection of the next COMMIT: before PostgreSQL hears of it, or after it has answered. */
  spoilNextCommit(fault: CommitFault): void;
  /** Cuts all connections. */
  cutAll(): void;
}

/** A simple query of the protocol: its type, its length, its text, and a zero. */
const COMMIT = Buffer.from("Q\0\0\0\x0bcommit\0");

export async function startProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let fault: CommitFault | undefined;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    let isSpoiled = false;
    client.on("data", (bytes) => {
      if (fault !== undefined && bytes.includes(COMMIT)) {
        const now = fault;
        fault = undefined;
        if (now === "cut before") {
          client.destroy();
          return;
        }
        isSpoiled = true;
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (isSpoiled) client.destroy();
      else client.write(bytes);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    spoilNextCommit(next) {
      fault = next;
    },
    cutAll,
    async [Symbol.asyncDispose]() {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
}
