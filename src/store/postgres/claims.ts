import type { Pool } from "pg";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type { ClaimQuery } from "../operation-store.ts";
import type { Reads } from "./reads.ts";
import { inTransaction } from "./transaction.ts";
import { Writes } from "./writes.ts";

/** Takes orphans over: finds, locks and changes them in one transaction, past those that others are about to take. */
export class Claims {
  readonly #pool: Pool;
  readonly #reads: Reads;
  readonly #writes: Writes;

  constructor(pool: Pool, schema: string, reads: Reads) {
    this.#pool = pool;
    this.#reads = reads;
    this.#writes = new Writes(schema);
  }

  async claim(query: ClaimQuery, transition: Transition): Promise<StoredOperation[]> {
    return inTransaction(this.#pool, async (client) => {
      const records = await this.#reads.lockOrphans(client, query);
      const next = records.map((record) => {
        const orphan = operationOf(record);
        return { ...transition(orphan), revision: orphan.revision + 1 };
      });
      await this.#writes.make(
        client,
        next.map((stored) => ({ call: "replace", record: recordOf(stored) })),
      );
      return next;
    });
  }
}
