import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import { invalidField } from "../operation/errors.ts";
import type { ListPosition } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";

/** A token is good for so long: longer than a walk over a list takes, and no longer than AIP-158 asks for. */
const LIFETIME_MS = 3 * 24 * 60 * 60_000;

const CIPHER = "aes-256-gcm";
const KEY_BYTES = 32;
const SALT_BYTES = 16;
const TAG_BYTES = 16;
/** Each token has a key of its own, by its salt: nothing else is ever encrypted with it. */
const NONCE = new Uint8Array(12);

/** What a page token is bound to: with another parent, filter or caller, a token is refused (AIP-158). */
export interface PageTokenScope {
  readonly parent: string;
  readonly filter: string;
  /** The caller's id; undefined where nobody is asked who they are. */
  readonly principal: string | undefined;
}

/**
 * Writes and reads page tokens: opaque, URL-safe, bound to the request that they continue, and encrypted, because
 * where a page ends may be at an operation that its reader may not see.
 */
export class PageTokens {
  readonly #keys: () => Promise<readonly Uint8Array[]>;
  readonly #clock: Clock;

  /** The first of the keys encrypts; with each of them tokens are read. Servers that share one read each other's. */
  constructor(keys: () => Promise<readonly Uint8Array[]>, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /** A token for the page behind a position. */
  async write(scope: PageTokenScope, position: ListPosition): Promise<string> {
    const [key] = await this.#keys();
    if (key === undefined) throw new TypeError("page tokens have no key");
    const salt = randomBytes(SALT_BYTES);
    const cipher = createCipheriv(CIPHER, tokenKey(key, salt), NONCE).setAAD(boundTo(scope));
    const payload = JSON.stringify([position.createTimeMs, position.name, this.#clock.wallMs()]);
    const encrypted = Buffer.concat([cipher.update(payload, "utf8"), cipher.final()]);
    return Buffer.concat([salt, cipher.getAuthTag(), encrypted]).toString("base64url");
  }

  /**
   * The position that a token continues from. Throws INVALID_ARGUMENT where it is none, not for this request and
   * caller, or older than 3 days.
   */
  async read(scope: PageTokenScope, token: string): Promise<ListPosition> {
    const bytes = Buffer.from(token, "base64url");
    // Base64 is decoded leniently: what does not come back the same was not written here.
    const isOurs = bytes.length > SALT_BYTES + TAG_BYTES && bytes.toString("base64url") === token;
    for (const key of isOurs ? await this.#keys() : []) {
      const payload = decrypted(key, scope, bytes);
      if (payload === undefined) continue;
      const [createTimeMs, name, writtenMs]: [number, string, number] = JSON.parse(payload);
      if (this.#clock.wallMs() - writtenMs <= LIFETIME_MS) return { createTimeMs, name };
      throw invalidField("page_token", token, "has expired; begin again with the first page");
    }
    throw invalidField("page_token", token, "is not from a page of this list");
  }
}

function decrypted(key: Uint8Array, scope: PageTokenScope, bytes: Buffer): string | undefined {
  const salt = bytes.subarray(0, SALT_BYTES);
  const decipher = createDecipheriv(CIPHER, tokenKey(key, salt), NONCE, { authTagLength: TAG_BYTES })
    .setAAD(boundTo(scope))
    .setAuthTag(bytes.subarray(SALT_BYTES, SALT_BYTES + TAG_BYTES));
  const start = decipher.update(bytes.subarray(SALT_BYTES + TAG_BYTES), undefined, "utf8");
  try {
    return start + decipher.final("utf8");
  } catch {
    // It was made with another key, or for another request.
    return undefined;
  }
}

function tokenKey(key: Uint8Array, salt: Uint8Array): Buffer {
  return Buffer.from(hkdfSync("sha256", key, salt, "longrunning page token", KEY_BYTES));
}

function boundTo({ parent, filter, principal }: PageTokenScope): Buffer {
  return Buffer.from(JSON.stringify([parent, filter, principal ?? null]));
}
