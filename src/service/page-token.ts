import { createHmac, timingSafeEqual } from "node:crypto";
import { invalidField } from "../operation/errors.ts";
import type { ListPosition } from "../store/operation-store.ts";

/** Of the 256 bits of the signature, so many bytes are kept. */
const SIGNATURE_BYTES = 16;

/** What a page token is bound to: with another parent or filter, a token is refused (AIP-158). */
export interface PageTokenScope {
  readonly parent: string;
  readonly filter: string;
}

/** Writes and reads page tokens: opaque, URL-safe, and bound to the request that they continue. */
export class PageTokens {
  readonly #key: Uint8Array;

  /** Servers that share a key accept each other's tokens. */
  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** A token for the page behind a position. */
  write(scope: PageTokenScope, position: ListPosition): string {
    const payload = Buffer.from(JSON.stringify([position.createTimeMs, position.name]));
    return Buffer.concat([this.#sign(scope, payload), payload]).toString("base64url");
  }

  /** The position that a token continues from. Throws INVALID_ARGUMENT where it is none, or not for this request. */
  read(scope: PageTokenScope, token: string): ListPosition {
    const bytes = Buffer.from(token, "base64url");
    const payload = bytes.subarray(SIGNATURE_BYTES);
    const signed =
      bytes.length > SIGNATURE_BYTES &&
      timingSafeEqual(bytes.subarray(0, SIGNATURE_BYTES), this.#sign(scope, payload)) &&
      // Base64 is decoded leniently: what does not come back the same was not written here.
      bytes.toString("base64url") === token;
    if (!signed) throw invalidField("page_token", token, "is not from a page of this list");
    const [createTimeMs, name]: [number, string] = JSON.parse(payload.toString());
    return { createTimeMs, name };
  }

  #sign(scope: PageTokenScope, payload: Uint8Array): Buffer {
    return createHmac("sha256", this.#key)
      .update(JSON.stringify([scope.parent, scope.filter]))
      .update("\n")
      .update(payload)
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  }
}
