import type { IncomingHttpHeaders } from "node:http2";
import { LightHeaders } from "./light-headers.ts";

/** The headers of a request for as long as its call lasts. */
export class HeldHeaders {
  #given: IncomingHttpHeaders | undefined;
  #list: readonly string[] | undefined;

  /** `list`: names and values in turn, as they came; undefined where nobody knows. */
  constructor(given: IncomingHttpHeaders, list: readonly string[] | undefined) {
    this.#given = given;
    this.#list = list;
  }

  /**
   * Keeps no more than is needed, for a call that may wait for minutes: Node makes an object of headers that takes most of
   * a kilobyte, and the list that it was made of says the same, unless a name comes twice.
   */
  slim(): void {
    const isSame = Object.keys(this.#given ?? {}).length * 2 === this.#list?.length;
    if (isSame) this.#given = undefined;
    else this.#list = undefined;
  }

  /** As Node has them. */
  given(): IncomingHttpHeaders {
    if (this.#given !== undefined) return this.#given;
    const headers: IncomingHttpHeaders = Object.create(null);
    const list = this.#list ?? [];
    for (let i = 0; i + 1 < list.length; i += 2) headers[(list[i] ?? "").toLowerCase()] = list[i + 1];
    return headers;
  }

  /** Names and values in turn. */
  list(): readonly string[] {
    return this.#list ?? Object.entries(this.given()).flatMap(([name, value]) => [name, String(value)]);
  }

  /** As the web has them, without some. */
  web(hidden: readonly string[]): Headers {
    return new LightHeaders(this, hidden);
  }
}
