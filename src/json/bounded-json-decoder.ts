import { isTooDeep, TOO_DEEP } from "./json-depth.ts";

/** Decodes the bytes of a message's JSON as a TextDecoder does, before a parser gets to see them. */
export class BoundedJsonDecoder {
  readonly #utf8 = new TextDecoder();

  /** The text. Throws an Error where it is nested too deep to be a message's (`isTooDeep`). */
  decode(json: Uint8Array = new Uint8Array()): string {
    if (isTooDeep(json)) throw new Error(TOO_DEEP);
    return this.#utf8.decode(json);
  }
}
