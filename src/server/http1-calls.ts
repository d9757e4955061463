import { type Server as HttpServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Duplex } from "node:stream";

/**
 * The calls under way over HTTP/1. In HTTP/2 a stopping server says GOAWAY; here the answer itself tells the
 * client not to send another call on its connection (RFC 9112, section 9.6).
 */
export class Http1Calls {
  readonly #answers = new Set<ServerResponse>();
  #onEnd: (() => void) | undefined;

  constructor(server: HttpServer | Http2SecureServer) {
    server.prependListener(
      "request",
      (_: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
        if (!(response instanceof ServerResponse)) return;
        this.#answers.add(response);
        if (this.#onEnd !== undefined) sayLast(response);
        response.once("close", () => {
          this.#answers.delete(response);
          // Node counts the connection as idle a turn later.
          if (this.#onEnd !== undefined) setImmediate(this.#onEnd);
        });
      },
    );
  }

  /** Whether a call is under way on a connection. */
  has(connection: Duplex): boolean {
    for (const { req } of this.#answers) if (req.socket === connection) return true;
    return false;
  }

  /** From now on every answer is the last on its connection; after each, `onEnd` is called. */
  areLast(onEnd: () => void): void {
    this.#onEnd = onEnd;
    for (const response of this.#answers) sayLast(response);
  }
}

function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
