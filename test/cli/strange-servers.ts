import { once } from "node:events";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A server that is none of google.longrunning. */
export interface StrangeServer extends AsyncDisposable {
  readonly url: string;
  /** Resolves with the first connection. */
  readonly connected: Promise<unknown>;
}

/** Takes connections, and never says a word. */
export function openSilentServer(): Promise<StrangeServer> {
  return opened(createServer((socket) => void socket.on("error", () => {})));
}

/** Says something else to whoever connects. */
export function openRudeServer(): Promise<StrangeServer> {
  return opened(
    createServer((socket) => void socket.on("error", () => {}).end("220 mail.example ESMTP\r\n")),
  );
}

/** Answers HTTP/1.1, and nothing of any RPC. */
export function openWebServer(answer: RequestListener): Promise<StrangeServer> {
  return opened(createHttpServer(answer));
}

async function opened(server: Server): Promise<StrangeServer> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => sockets.add(socket));
  const connected = once(server, "connection");
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    connected,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
