import type { IncomingHttpHeaders } from "node:http2";
import { webHeaders } from "./headers.ts";

/**
 * The headers of a request for as long as its call lasts. Node makes an object of them that takes most of a kilobyte: a
 * call that may wait for minutes keeps the list that it was made of instead, where that says the same.
 */
export class HeldHeaders {
  readonly #given: IncomingHttpHeaders | undefined;
  readonly #list: readonly string[];

  /** `list`: names and values in turn, as they came. */
  constructor(given: IncomingHttpHeaders, list: readonly string[] | undefined) {
    // Of some names that come twice only the first counts, and others are joined.
    const isSame = list !== undefined && Object.keys(given).length * 2 === list.length;
    this.#given = isSame ? undefined : given;
    this.#list = isSame ? list : [];
  }

  /** As Node has them. */
  given(): IncomingHttpHeaders {
    if (this.#given !== undefined) return this.#given;
    const headers: IncomingHttpHeaders = Object.create(null);
    for (let i = 0; i + 1 < this.#list.length; i += 2) {
      headers[(this.#list[i] ?? "").toLowerCase()] = this.#list[i + 1];
    }
    return headers;
  }

  /** As the web has them, without some. */
  web(hidden: readonly string[]): Headers {
    const headers = webHeaders(this.given());
    for (const name of hidden) headers.delete(name);
    return headers;
  }
}
