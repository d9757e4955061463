import { createHash } from "node:crypto";
import type { Clock } from "../../time/clock.ts";
import type { Principal } from "../principal.ts";

/** A token that held is believed so long, and never beyond its end: what its issuer takes back, ends by then. */
const BELIEVED_MS = 60_000;

/** So many are remembered: beyond, those that were verified first are verified again. */
const MOST = 10_000;

/** Tokens that have held, and whose they are: verifying a signature costs more than all else that a Get does. */
export class VerifiedTokens {
  readonly #clock: Clock;
  /** By the tokens' digests, the oldest first: nobody finds a token in a dump of the memory here. */
  readonly #verified = new Map<string, { readonly principal: Principal; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whose token it is; undefined where that is to be verified. */
  get(token: string): Principal | undefined {
    const kept = this.#verified.get(digestOf(token));
    return kept !== undefined && this.#clock.wallMs() < kept.untilMs ? kept.principal : undefined;
  }

  /** Remembers whose token it is, until it ends. */
  keep(token: string, principal: Principal, endMs: number): void {
    const digest = digestOf(token);
    this.#verified.delete(digest);
    this.#verified.set(digest, { principal, untilMs: Math.min(endMs, this.#clock.wallMs() + BELIEVED_MS) });
    if (this.#verified.size <= MOST) return;
    for (const oldest of this.#verified.keys()) {
      this.#verified.delete(oldest);
      return;
    }
  }
}

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
