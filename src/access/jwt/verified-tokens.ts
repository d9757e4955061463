import { hash } from "node:crypto";
import type { Clock } from "../../time/clock.ts";
import type { Principal } from "../principal.ts";

/** A token that held is believed so long, and never beyond its end: what its issuer takes back, ends by then. */
const BELIEVED_MS = 60_000;

/** So many are remembered: beyond, those that were verified first are verified again. */
const MOST = 10_000;

/** So many of them are known as they are said: making a digest takes as long as all else that a gate does. */
const MOST_SAID = 100;

interface Verified {
  readonly principal: Principal;
  readonly untilMs: number;
}

/** Tokens that have held, and whose they are: verifying a signature costs more than all else that a Get does. */
export class VerifiedTokens {
  readonly #clock: Clock;
  /** By the tokens' digests, the oldest first: nobody finds a token in a dump of the memory here. */
  readonly #verified = new Map<string, Verified>();
  /** By the headers that have said them lately: no longer than a minute, since here they can be found. */
  readonly #said = new Map<string, Verified>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whose token a header has; undefined where the token is to be looked for, or verified. */
  whoSaid(header: string): Principal | undefined {
    return this.#believed(this.#said.get(header));
  }

  /** Whose token it is, which is in such a header; undefined where that is to be verified. */
  get(token: string, header: string): Principal | undefined {
    const verified = this.#verified.get(digestOf(token));
    const principal = this.#believed(verified);
    if (verified !== undefined && principal !== undefined) this.#remember(header, verified);
    return principal;
  }

  /** Remembers whose token it is, until it ends. */
  keep(token: string, principal: Principal, endMs: number): void {
    const untilMs = Math.min(endMs, this.#clock.wallMs() + BELIEVED_MS);
    putLast(this.#verified, digestOf(token), { principal, untilMs }, MOST);
  }

  #believed(verified: Verified | undefined): Principal | undefined {
    return verified !== undefined && this.#clock.wallMs() < verified.untilMs ? verified.principal : undefined;
  }

  #remember(header: string, verified: Verified): void {
    if (this.#said.size === 0) this.#clock.after(BELIEVED_MS, () => this.#said.clear(), true);
    putLast(this.#said, header, verified, MOST_SAID);
  }
}

/** Puts a value behind all others, and leaves out the first where there are too many. */
function putLast(map: Map<string, Verified>, key: string, value: Verified, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const first of map.keys()) {
    map.delete(first);
    return;
  }
}

function digestOf(token: string): string {
  return hash("sha256", token, "base64url");
}
