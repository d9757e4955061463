import type { Delivery, Engine, EngineHost, Outcome } from "../../src/engine/engine.ts";

/** An engine that delivers nothing by itself: it keeps what it is told, and a test delivers that. */
export class ToldEngine implements Engine {
  readonly needsTelling = true;
  readonly told: Delivery[] = [];
  readonly cancelled: string[] = [];
  readonly taken: [handler: string, concurrency: number][] = [];
  /** Whether it is away: then it refuses what it is told. */
  isAway = false;
  #host: EngineHost | undefined;

  open(host: EngineHost): void {
    this.#host = host;
  }

  take(handler: string, concurrency: number): void {
    this.taken.push([handler, concurrency]);
  }

  async start(deliveries: readonly Delivery[]): Promise<void> {
    if (this.isAway) throw new Error("the engine is away");
    this.told.push(...deliveries);
  }

  freed(): void {}

  async cancel({ name }: Delivery): Promise<void> {
    this.cancelled.push(name);
  }

  async stop(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Delivers work. Resolves with what became of it. */
  deliver(name: string, progress: (metadata: unknown) => void = () => {}): Promise<Outcome> {
    if (this.#host === undefined) throw new Error("nobody has opened the engine");
    return this.#host.run({ name, handler: "test.Copy" }, { progress });
  }
}
