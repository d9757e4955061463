/** Collects what is to be sent until the turn of the event loop is over, and sends it at once. */
export class Outgoing<Item> {
  readonly #send: (items: readonly Item[]) => void;
  #items: Item[] = [];

  constructor(send: (items: readonly Item[]) => void) {
    this.#send = send;
  }

  add(item: Item): void {
    this.#items.push(item);
    if (this.#items.length === 1) setImmediate(() => this.#sendAll());
  }

  #sendAll(): void {
    const items = this.#items;
    this.#items = [];
    this.#send(items);
  }
}
