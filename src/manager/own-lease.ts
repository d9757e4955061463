import type { Lease, OperationStore } from "../store/operation-store.ts";

/** The lease of one manager: held from when it is first needed until the manager has closed. */
export class OwnLease {
  /** Who the manager is, among those that share its store. */
  readonly owner = crypto.randomUUID();
  readonly #store: OperationStore;
  readonly #leaseMs: number;
  #lease: Promise<Lease> | undefined;

  constructor(store: OperationStore, leaseMs: number) {
    this.#store = store;
    this.#leaseMs = leaseMs;
  }

  /** Resolves once the store has given it. Throws what the store throws, and asks again the next time. */
  hold(): Promise<Lease> {
    this.#lease ??= this.#store.hold(this.owner, this.#leaseMs).catch((error) => {
      this.#lease = undefined;
      throw error;
    });
    return this.#lease;
  }

  /** Ends it, so that others need not wait for that. */
  async release(): Promise<void> {
    await (await this.#lease)?.release();
  }
}
