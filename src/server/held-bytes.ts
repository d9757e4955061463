/** What can be ended because of what it makes the server hold. */
interface Connection {
  destroy(): void;
}

/** What one call makes the server hold. */
export interface Holding {
  /** How many bytes it is now. */
  set(bytes: number): void;
  /** It is nothing any more. */
  release(): void;
}

/**
 * Counts the bytes that connections make this process hold: what has come of requests whose calls are not over, and
 * answers that are not taken. Beyond `mostBytes` the connection that holds the most is ended, so that nobody who holds
 * little is refused because of one who holds much.
 */
export class HeldBytes {
  readonly #mostBytes: number;
  readonly #connections = new Map<Connection, number>();
  /** What is held for them still is on its way out, and not counted. */
  readonly #ended = new WeakSet<Connection>();
  #total = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Opens the account of a call, by its connection; undefined where that is gone. */
  open(connection: Connection | undefined): Holding {
    let own = 0;
    const set = (bytes: number) => {
      if (connection === undefined || this.#ended.has(connection)) return;
      this.#add(connection, bytes - own);
      own = bytes;
    };
    return { set, release: () => set(0) };
  }

  #add(connection: Connection, bytes: number): void {
    const held = (this.#connections.get(connection) ?? 0) + bytes;
    this.#total += bytes;
    if (held > 0) this.#connections.set(connection, held);
    else this.#connections.delete(connection);
    if (bytes > 0) while (this.#total > this.#mostBytes) this.#endLargest();
  }

  #endLargest(): void {
    let largest: Connection | undefined;
    let most = 0;
    for (const [connection, bytes] of this.#connections) {
      if (bytes > most) [largest, most] = [connection, bytes];
    }
    if (largest === undefined) return;
    this.#ended.add(largest);
    this.#connections.delete(largest);
    this.#total -= most;
    largest.destroy();
  }
}
