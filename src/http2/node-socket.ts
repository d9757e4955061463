import { Duplex } from "node:stream";

/** What node:http2 takes for a client's connection: what is said to it is told, and what it says is taken. */
export class NodeSocket extends Duplex {
  readonly #take: (bytes: Buffer) => void;

  constructor(take: (bytes: Buffer) => void) {
    super({ allowHalfOpen: false });
    this.#take = take;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#take(chunk);
    done();
  }
}
