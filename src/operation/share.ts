import type { LimitScope } from "./errors.ts";

/** How much of something there may be at once: of everybody together, and of each principal. No limit by default. */
export interface ShareLimits {
  readonly most?: number | undefined;
  readonly mostOfPrincipal?: number | undefined;
}

/** Counts what is taken and given back, and keeps it within its limits. */
export class Share {
  readonly #limits: ShareLimits;
  readonly #ofPrincipals = new Map<string, number>();
  readonly #refused: (scope: LimitScope, limit: number) => Error;
  #taken = 0;

  /** `refused` makes the error that `take` throws. */
  constructor(limits: ShareLimits, refused: (scope: LimitScope, limit: number) => Error) {
    this.#limits = limits;
    this.#refused = refused;
  }

  /** How much is taken now. */
  get taken(): number {
    return this.#taken;
  }

  /**
   * Takes one. Answers what gives it back, which does so once however often it is called. One without a principal
   * counts for the whole alone. Throws where there may be no more.
   */
  take(principal: string | undefined): () => void {
    const { most = Number.POSITIVE_INFINITY, mostOfPrincipal = Number.POSITIVE_INFINITY } = this.#limits;
    const own = principal === undefined ? 0 : (this.#ofPrincipals.get(principal) ?? 0);
    if (principal !== undefined && own >= mostOfPrincipal) throw this.#refused("principal", mostOfPrincipal);
    if (this.#taken >= most) throw this.#refused("process", most);
    this.#taken++;
    if (principal !== undefined) this.#ofPrincipals.set(principal, own + 1);
    let isGivenBack = false;
    return () => {
      if (isGivenBack) return;
      isGivenBack = true;
      this.#taken--;
      if (principal !== undefined) this.#giveBackOf(principal);
    };
  }

  #giveBackOf(principal: string): void {
    const left = (this.#ofPrincipals.get(principal) ?? 0) - 1;
    if (left > 0) this.#ofPrincipals.set(principal, left);
    else this.#ofPrincipals.delete(principal);
  }
}
