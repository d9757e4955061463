import type { Pool } from "pg";

/** The secrets that servers of one database share. */
export class Keys {
  readonly #pool: Pool;
  readonly #schema: string;

  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /** The key of that name: `made` where none is kept yet, which is kept then. */
  async keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    for (;;) {
      const kept = await this.#read(name);
      if (kept !== undefined) return kept;
      // Of two who do so at once, the later one waits for the earlier, and keeps nothing.
      await this.#pool.query(
        `insert into ${this.#schema}.keys (name, value) values ($1, $2) on conflict do nothing`,
        [name, Buffer.from(made)],
      );
    }
  }

  async #read(name: string): Promise<Uint8Array | undefined> {
    const { rows } = await this.#pool.query<{ value: Buffer }>(
      `select value from ${this.#schema}.keys where name = $1`,
      [name],
    );
    return rows[0] && Uint8Array.from(rows[0].value);
  }
}
