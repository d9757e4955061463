import type { Lease } from "./operation-store.ts";

/**
 * The leases of a store that one process alone uses. Such a lease needs no renewal, and nothing that stalls the
 * process can lose it: it ends when it is released, or with the process.
 */
export class OwnerLeases {
  readonly #owners = new Set<string>();

  /** Who holds a lease now. */
  get owners(): Iterable<string> {
    return this.#owners;
  }

  /** Whether an owner holds a lease now. */
  has(owner: string): boolean {
    return this.#owners.has(owner);
  }

  /** Gives an owner a lease. */
  hold(owner: string): Lease {
    this.#owners.add(owner);
    return {
      release: async () => {
        this.#owners.delete(owner);
      },
    };
  }
}
