import type { ClientBase } from "pg";
import type { OperationRecord } from "../columns.ts";
import type { Reads } from "./reads.ts";
import type { Writing } from "./write-queue.ts";
import type { Writes } from "./writes.ts";

/** A claim of one operation by its name. */
export interface NamedClaim {
  readonly name: string;
  readonly handler: string;
  /** What the orphan becomes; undefined where it is left alone after all. */
  readonly take: (orphan: OperationRecord) => OperationRecord | undefined;
}

/** Takes orphans over by their names, past those that others are about to take: any number by two statements. */
export class NamedClaims implements Writing<NamedClaim> {
  readonly #reads: Reads;
  readonly #writes: Writes;

  constructor(reads: Reads, writes: Writes) {
    this.#reads = reads;
    this.#writes = writes;
  }

  nameOf({ name }: NamedClaim): string {
    return name;
  }

  async make(client: ClientBase, claims: readonly NamedClaim[]): Promise<ReadonlySet<string>> {
    const byName = new Map(claims.map((claim) => [claim.name, claim]));
    const orphans = await this.#reads.lockNamed(client, claims);
    const taken = orphans.flatMap((orphan) => byName.get(orphan.name)?.take(orphan) ?? []);
    return this.#writes.make(
      client,
      taken.map((record) => ({ call: "replace", record })),
    );
  }
}
