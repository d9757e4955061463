import { headerBlock } from "../http2/header-block.ts";
import type { Clock } from "../time/clock.ts";

/** What every answer says of its time (RFC 9110, section 6.6.1), made anew each second. */
export class DateHeader {
  readonly #clock: Clock;
  #second = -1;
  #text = "";
  #block: Buffer = Buffer.alloc(0);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** As a header block of HTTP/2 has it. */
  get block(): Buffer {
    this.#look();
    return this.#block;
  }

  get text(): string {
    this.#look();
    return this.#text;
  }

  #look(): void {
    const second = Math.floor(this.#clock.wallMs() / 1_000);
    if (second === this.#second) return;
    this.#second = second;
    this.#text = new Date(second * 1_000).toUTCString();
    this.#block = headerBlock(["date", this.#text]);
  }
}
