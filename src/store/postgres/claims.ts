import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import type { OperationRecord } from "../columns.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type { ClaimQuery } from "../operation-store.ts";
import { type NamedClaim, NamedClaims } from "./named-claims.ts";
import type { Reads } from "./reads.ts";
import type { Transactions } from "./transactions.ts";
import { WriteQueue } from "./write-queue.ts";
import type { Writes } from "./writes.ts";

/**
 * Takes orphans over: finds, locks and changes them in one transaction, past those that others are about to take.
 * Claims by name that come together share one. It is not that of other writes: those wait for locks, and whoever has
 * locked what it claims must not.
 */
export class Claims {
  readonly #transactions: Transactions;
  readonly #reads: Reads;
  readonly #writes: Writes;
  readonly #named: WriteQueue<NamedClaim>;

  constructor(transactions: Transactions, reads: Reads, writes: Writes) {
    this.#transactions = transactions;
    this.#reads = reads;
    this.#writes = writes;
    this.#named = new WriteQueue(transactions, new NamedClaims(reads, writes));
  }

  /** Claims. `announce` is told what was, as soon as that is known. */
  async claim(
    query: ClaimQuery,
    transition: Transition,
    announce: (names: readonly string[]) => void,
  ): Promise<StoredOperation[]> {
    const { name, handler } = query;
    if (name !== undefined) return this.#claimOne(name, handler, transition, announce);
    const claimed = await this.#claimOldest(query, transition);
    announce(claimed.map(({ name }) => name));
    return claimed;
  }

  /** Resolves once all claims by name are made. */
  close(): Promise<void> {
    return this.#named.close();
  }

  #claimOldest(query: ClaimQuery, transition: Transition): Promise<StoredOperation[]> {
    return this.#transactions.make(async (client) => {
      const orphans = (await this.#reads.lockOrphans(client, query)).map(operationOf);
      const next = orphans.map((orphan) => taken(orphan, transition));
      await this.#writes.make(
        client,
        next.map((stored) => ({ call: "replace", record: recordOf(stored) })),
      );
      return next;
    });
  }

  async #claimOne(
    name: string,
    handler: string,
    transition: Transition,
    announce: (names: readonly string[]) => void,
  ): Promise<StoredOperation[]> {
    let next: StoredOperation | undefined;
    let fault: { readonly thrown: unknown } | undefined;
    const take = (orphan: OperationRecord) => {
      try {
        next = taken(operationOf(orphan), transition);
        return recordOf(next);
      } catch (thrown) {
        // It is this claim alone that fails by it, and none of those that it shares a transaction with.
        fault = { thrown };
        return undefined;
      }
    };
    const isClaimed = await this.#named.write({ name, handler, take }, (changed) => {
      if (changed) announce([name]);
    });
    if (fault !== undefined) throw fault.thrown;
    return isClaimed && next !== undefined ? [next] : [];
  }
}

function taken(orphan: StoredOperation, transition: Transition): StoredOperation {
  return { ...transition(orphan), revision: orphan.revision + 1 };
}
