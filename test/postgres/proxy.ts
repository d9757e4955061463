import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { Line } from "./line.ts";

/** What a proxy does with a COMMIT that goes by. */
export type CommitFault = "cut before" | "cut after";

/**
 * How a proxy treats what goes by: it passes it on; it passes nothing on and says nothing, as a network that is
 * gone; or it takes no connection.
 */
export type ProxyMode = "pass" | "hold" | "refuse";

/** A proxy in front of PostgreSQL that can lose connections at the worst moment. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** How it treats connections, old and new, from now on. What was held goes on with `pass`. */
  mode: ProxyMode;
  /** How long each piece of data is under way, each way, in milliseconds. */
  delayMs: number;
  /** Where connections go from now on: those that are there stay where they are. */
  target: number;
  /** Cuts the connection of the next COMMIT: before PostgreSQL hears of it, or after it has answered. */
  spoilNextCommit(fault: CommitFault): void;
  /** Resolves once the next COMMIT has gone by that is spoiled. */
  spoiled(): Promise<void>;
  /** Cuts all connections. */
  cutAll(): void;
  /** Forgets all connections that are there: nothing goes through them any more, and neither end hears of it. */
  forgetAll(): void;
  /** Resets all connections, as a host does that has forgotten them. */
  resetAll(): void;
}

/** A simple query of the protocol: its type, its length, its text, and a zero. */
const COMMIT = Buffer.from("Q\0\0\0\x0bcommit\0");

export async function startProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  const lines = new Set<Line>();
  let fault: CommitFault | undefined;
  let mode: ProxyMode = "pass";
  let hasSpoiled = () => {};
  let spoiled = Promise.resolve();
  let forgotten = new WeakSet<Line>();
  const newLine = () => {
    const line: Line = new Line(
      () => proxy.delayMs,
      () => mode === "hold" || forgotten.has(line),
    );
    lines.add(line);
    return line;
  };
  const server = createServer((client) => {
    if (mode === "refuse") {
      client.destroy();
      return;
    }
    const upstream = connect(proxy.target, "127.0.0.1");
    const there = newLine();
    const back = newLine();
    for (const [socket, other, line] of [
      [client, upstream, there],
      [upstream, client, back],
    ] as const) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        sockets.delete(socket);
        // Where nothing goes through, the other end does not hear of it.
        line.send(() => {
          other.destroy();
          lines.delete(line);
        });
      });
    }
    let isSpoiled = false;
    client.on("data", (bytes) => {
      if (fault !== undefined && bytes.includes(COMMIT)) {
        const now = fault;
        fault = undefined;
        if (now === "cut before") {
          client.destroy();
          hasSpoiled();
          return;
        }
        isSpoiled = true;
      }
      there.send(() => upstream.write(bytes));
    });
    upstream.on("data", (bytes) => {
      if (isSpoiled) {
        client.destroy();
        hasSpoiled();
      } else back.send(() => client.write(bytes));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: TcpProxy = {
    port: address.port,
    delayMs: 0,
    target,
    get mode() {
      return mode;
    },
    set mode(next) {
      mode = next;
      if (mode === "refuse") cutAll();
      for (const line of lines) line.flow();
    },
    spoilNextCommit(next) {
      fault = next;
      spoiled = new Promise((resolve) => {
        hasSpoiled = resolve;
      });
    },
    spoiled: () => spoiled,
    cutAll,
    forgetAll() {
      forgotten = new WeakSet(lines);
    },
    resetAll() {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      cutAll();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}
