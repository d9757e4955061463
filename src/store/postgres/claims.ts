import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type { ClaimQuery } from "../operation-store.ts";
import type { Reads } from "./reads.ts";
import type { Transactions } from "./transactions.ts";
import { Writes } from "./writes.ts";

/** Takes orphans over: finds, locks and changes them in one transaction, past those that others are about to take. */
export class Claims {
  readonly #transactions: Transactions;
  readonly #reads: Reads;
  readonly #writes: Writes;

  constructor(transactions: Transactions, schema: string, reads: Reads) {
    this.#transactions = transactions;
    this.#reads = reads;
    this.#writes = new Writes(schema);
  }

  async claim(query: ClaimQuery, transition: Transition): Promise<StoredOperation[]> {
    return this.#transactions.make(async (client) => {
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
