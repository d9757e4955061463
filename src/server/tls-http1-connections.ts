import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";

/** The HTTP/1 connections of a TLS server: Node has no way to close the idle ones among them. */
export class TlsHttp1Connections {
  /** How many calls are under way on each. */
  readonly #calls = new Map<Duplex, number>();

  constructor(server: Http2SecureServer) {
    server.on("secureConnection", (socket: TLSSocket) => {
      if (socket.alpnProtocol === "h2") return;
      this.#calls.set(socket, 0);
      socket.once("close", () => this.#calls.delete(socket));
    });
    server.on(
      "request",
      (request: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
        if (request.httpVersionMajor !== 1) return;
        this.#count(request.socket, 1);
        response.once("close", () => this.#count(request.socket, -1));
      },
    );
  }

  /** Closes those without a call. */
  closeIdle(): void {
    for (const [socket, calls] of this.#calls) if (calls === 0) socket.destroy();
  }

  #count(socket: Duplex, change: number): void {
    const calls = this.#calls.get(socket);
    if (calls !== undefined) this.#calls.set(socket, calls + change);
  }
}
