import type { Http2Session } from "node:http2";
import { Http2SessionManager } from "@connectrpc/connect-node";

/**
 * Goes on with another session only when the last one has broken to its end. One that is destroyed emits its error when
 * its socket has closed, and where connect-node 2.2.0 has replaced it by then, nobody listens for that, and it ends the
 * process. So it is with a server that speaks HTTP/1.1 alone, which breaks each session.
 */
export class SettlingSessionManager extends Http2SessionManager {
  #session: Http2Session | undefined;

  override async request(...call: Parameters<Http2SessionManager["request"]>) {
    await this.#settled();
    const stream = await super.request(...call);
    this.#session = stream.session;
    return stream;
  }

  /** Ends the session, and the calls on it. */
  async close(): Promise<void> {
    await this.#settled();
    this.abort();
  }

  async #settled(): Promise<void> {
    if (this.#session?.destroyed !== true) return;
    // The socket closes at the end of this turn of the event loop, or of the next.
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
}
