import type { HeaderField } from "./header-field.ts";

/** How many fields that have fallen out are let lie before the others move up. */
const GAP = 64;

/** The fields that a connection has been told to remember (RFC 7541, section 2.3.2). The newest has index 0. */
export class HeaderTable {
  #fields: (HeaderField | undefined)[] = [];
  /** Where the oldest field is. */
  #first = 0;
  #size = 0;
  #mostBytes: number;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get mostBytes(): number {
    return this.#mostBytes;
  }

  at(index: number): HeaderField | undefined {
    return this.#fields.length - index > this.#first
      ? this.#fields[this.#fields.length - 1 - index]
      : undefined;
  }

  add(field: HeaderField): void {
    this.#size += field.size;
    this.#fields.push(field);
    this.#forget();
  }

  /** Lets it have so many bytes from now on. */
  resize(mostBytes: number): void {
    this.#mostBytes = mostBytes;
    this.#forget();
  }

  #forget(): void {
    while (this.#size > this.#mostBytes) {
      this.#size -= this.#fields[this.#first]?.size ?? 0;
      this.#fields[this.#first++] = undefined;
    }
    if (this.#first < GAP || this.#first * 2 < this.#fields.length) return;
    this.#fields = this.#fields.slice(this.#first);
    this.#first = 0;
  }
}
