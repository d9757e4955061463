import { Client, type ClientConfig } from "pg";
import { endConnection } from "./end-connection.ts";

/** One connection, which is made when it is needed, and anew when it was asked in vain. */
export class LeaseConnection {
  readonly #config: ClientConfig;
  #client: Promise<Client> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(config: ClientConfig) {
    this.#config = config;
  }

  /** Asks something, after all that was asked before; connecting may take so long, and so may the answer. */
  query(text: string, values: unknown[], patienceMs: number): Promise<void> {
    const answer = this.#last.then(() => this.#ask(text, values, patienceMs));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    if (client !== undefined) await endConnection(client);
  }

  async #ask(text: string, values: unknown[], patienceMs: number): Promise<void> {
    this.#client ??= this.#connect(patienceMs);
    const client = this.#client;
    try {
      // pg reads the limit here; its types do not know.
      const question = { text, values, query_timeout: patienceMs };
      await (await client).query(question);
    } catch (error) {
      if (this.#client === client) this.#client = undefined;
      client.then(endConnection, () => {});
      throw error;
    }
  }

  async #connect(patienceMs: number): Promise<Client> {
    const client = new Client({ ...this.#config, connectionTimeoutMillis: patienceMs });
    // A connection that breaks fails the next question.
    client.on("error", () => {});
    await client.connect();
    return client;
  }
}
