import { type Client, type ClientConfig, Pool } from "pg";
import { endConnection } from "./end-connection.ts";

/** Connections that are used in turn, and closed together. */
export class ConnectionPool {
  readonly pool: Pool;
  readonly #open = new Set<Client>();

  constructor(config: ClientConfig, most: number) {
    this.pool = new Pool({ ...config, max: most });
    // A connection that breaks is replaced when the next one is needed; whoever used it is told by its question.
    this.pool.on("error", () => {});
    this.pool.on("connect", (client) => {
      this.#open.add(client);
      client.on("error", () => {});
      client.on("end", () => this.#open.delete(client));
    });
  }

  /** Waits for the questions that are under way, and closes all connections. */
  async close(): Promise<void> {
    if (!this.pool.ending) await this.pool.end();
    // The pool has told them to end, and does not look whether they do.
    await Promise.all(Array.from(this.#open, endConnection));
  }
}
