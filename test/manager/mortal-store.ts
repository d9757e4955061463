import type { Lease, OperationStore } from "../../src/store/operation-store.ts";
import { SlowStore } from "../store/slow-store.ts";

/** A store as one process among others sees it, which may lose its leases without a word. */
export class MortalStore extends SlowStore {
  readonly #leases: Lease[] = [];

  constructor(store: OperationStore) {
    super(store, async () => {});
  }

  override async hold(owner: string, leaseMs: number): Promise<Lease> {
    const lease = await super.hold(owner, leaseMs);
    this.#leases.push(lease);
    return lease;
  }

  /** Ends the leases of this process, as if it had died or stood still for too long. Nobody in it is told. */
  async loseLeases(): Promise<void> {
    for (const lease of this.#leases) await lease.release();
  }
}
