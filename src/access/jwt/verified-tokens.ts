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

/**
 * Tokens that have held, and whose they are: verifying a signature costs more than all else that a Get does. They are known
 * by the header's whole value, as it is said.
 */
export class VerifiedTokens {
  readonly #clock: Clock;
  /** By the digests of what was said, the oldest first. */
  readonly #verified = new Map<string, Verified>();
  /** By what was said, for few of them: a dump of the memory has those anyway, where their connections are. */
  readonly #said = new Map<string, Verified>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whose token it is; undefined where that is to be verified. */
  get(said: string): Principal | undefined {
    let verified = this.#said.get(said);
    if (verified === undefined) {
      verified = this.#verified.get(digestOf(said));
      if (verified !== undefined) this.#remember(said, verified);
    }
    if (verified === undefined) return undefined;
    if (this.#clock.wallMs() < verified.untilMs) return verified.principal;
    this.#said.delete(said);
    return undefined;
  }

  /** Remembers whose token it is, until it ends. */
  keep(said: string, principal: Principal, endMs: number): void {
    const verified = { principal, untilMs: Math.min(endMs, this.#clock.wallMs() + BELIEVED_MS) };
    putLast(this.#verified, digestOf(said), verified, MOST);
    this.#remember(said, verified);
  }

  #remember(said: string, verified: Verified): void {
    putLast(this.#said, said, verified, MOST_SAID);
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

function digestOf(said: string): string {
  return hash("sha256", said, "base64url");
}
