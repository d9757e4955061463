import { type Server as HttpServer, type IncomingMessage, ServerResponse } from "node:http";
import type { Http2SecureServer, Http2ServerRequest, Http2ServerResponse } from "node:http2";

/**
 * The answers under way over HTTP/1. In HTTP/2 a stopping server says GOAWAY; here the answer itself tells the
 * client not to send another call on its connection (RFC 9112, section 9.6).
 */
export class Http1Answers {
  readonly #underWay = new Set<ServerResponse>();
  #last = false;

  constructor(server: HttpServer | Http2SecureServer) {
    server.prependListener(
      "request",
      (_: IncomingMessage | Http2ServerRequest, response: ServerResponse | Http2ServerResponse) => {
        if (!(response instanceof ServerResponse)) return;
        if (this.#last) sayLast(response);
        this.#underWay.add(response);
        response.once("close", () => this.#underWay.delete(response));
      },
    );
  }

  /** From now on every answer is the last on its connection. */
  areLast(): void {
    this.#last = true;
    for (const response of this.#underWay) sayLast(response);
  }
}

function sayLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader("connection", "close");
}
