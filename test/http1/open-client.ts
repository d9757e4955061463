import { once } from "node:events";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { OpenServer } from "../server/open-server.ts";
import { Received } from "../server/raw-http.ts";

/** A client of HTTP/1.1 that sends bytes, and what comes back. */
export interface RawClient {
  readonly socket: Socket;
  readonly received: Received;
}

/** Connects to a server, over TLS where that is how it is spoken to. */
export async function openClient(
  server: OpenServer,
  tls: unknown,
  options: { readonly allowHalfOpen?: boolean } = {},
): Promise<RawClient> {
  const to = { port: server.port, host: "127.0.0.1", rejectUnauthorized: false, ...options };
  const socket = tls === undefined ? server.connect(options) : connectTls(to);
  socket.on("error", () => {});
  await once(socket, tls === undefined ? "connect" : "secureConnect");
  socket.setNoDelay(true);
  return { socket, received: new Received(socket) };
}

/** Resolves when what was sent has arrived, as a piece of its own. */
export async function sent(socket: Socket, text: string): Promise<void> {
  await new Promise<void>((resolve) => socket.write(text, () => setTimeout(resolve, 20)));
}
