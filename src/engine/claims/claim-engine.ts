import type { Clock } from "../../time/clock.ts";
import type { Delivery, Engine, EngineHost } from "../engine.ts";

/** The time between two looks that are asked for: doubled with each that finds nothing, as where others are quicker. */
const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 1_000;

/** How many operations are claimed in one go at most. */
const MOST_AT_ONCE = 100;

/** Tells that work waits, which may be over by then, and may miss some. */
export interface Announcements {
  on(event: "waiting", listener: (handler: string) => void): unknown;
  off(event: "waiting", listener: (handler: string) => void): unknown;
}

/** What the engine looks by. */
export interface ClaimEngineOptions {
  readonly changes: Announcements;
  readonly clock: Clock;
  /** How often it looks without being asked to, in milliseconds. */
  readonly intervalMs: number;
  /** Is told why a look failed. The next one comes all the same. */
  readonly onFault: (error: unknown) => void;
}

/**
 * The engine that needs nothing but the store: it claims what waits there, as far as there are slots for it. It looks
 * when it hears that work waits, when a slot is free again, when a delay is over, and now and then.
 */
export class ClaimEngine implements Engine {
  readonly needsTelling = false;
  readonly #options: ClaimEngineOptions;
  #host: EngineHost | undefined;
  /** Whether somebody has asked for a look that has not begun. */
  #isAskedFor = false;
  #looking: Promise<void> | undefined;
  #callOff = () => {};
  readonly #delays = new Set<() => void>();
  readonly #handlers = new Set<string>();
  #stopped = false;
  #lastLookMs = Number.NEGATIVE_INFINITY;
  #pauseMs = SHORTEST_PAUSE_MS;
  #turn = 0;
  /** Whether there may be work for which there was no slot. */
  #mayWait = true;
  readonly #hear = (handler: string) => {
    // A look that is under way holds the slots, and may have passed by.
    if (this.#looking !== undefined || this.#host?.free().has(handler)) this.#lookSoon();
    else this.#mayWait = true;
  };

  constructor(options: ClaimEngineOptions) {
    this.#options = options;
  }

  open(host: EngineHost): void {
    this.#host = host;
    this.#options.changes.on("waiting", this.#hear);
  }

  take(handler: string): void {
    this.#handlers.add(handler);
    this.#isAskedFor = true;
    if (this.#looking === undefined) this.#look();
  }

  async start(deliveries: readonly Delivery[]): Promise<void> {
    for (const { delayMs } of deliveries) {
      if (delayMs > 0) this.#lookAt(delayMs);
      else this.#lookSoon();
    }
  }

  freed(): void {
    if (this.#mayWait) this.#lookSoon();
  }

  async cancel(): Promise<void> {
    this.#lookSoon();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.changes.off("waiting", this.#hear);
    this.#callOff();
    for (const callOff of this.#delays) callOff();
    this.#delays.clear();
    await this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Looks soon, if there are slots for what may be found. */
  #lookSoon(): void {
    if (this.#stopped || this.#isAskedFor || this.#host === undefined) return;
    if (this.#looking === undefined && this.#host.free().size === 0) {
      this.#mayWait = true;
      return;
    }
    this.#isAskedFor = true;
    if (this.#looking === undefined) this.#lookAfter(this.#untilNextMs());
  }

  /** Looks when the delay of some work is over. */
  #lookAt(delayMs: number): void {
    if (this.#stopped) return;
    const callOff = this.#options.clock.after(
      delayMs,
      () => {
        this.#delays.delete(callOff);
        this.#lookSoon();
      },
      true,
    );
    this.#delays.add(callOff);
  }

  #lookAfter(delayMs: number): void {
    this.#callOff();
    if (!this.#stopped) this.#callOff = this.#options.clock.after(delayMs, () => this.#look(), true);
  }

  #look(): void {
    if (this.#stopped || this.#host === undefined) return;
    this.#callOff();
    this.#isAskedFor = false;
    this.#looking = this.#claim(this.#host).finally(() => {
      this.#looking = undefined;
      this.#lastLookMs = this.#options.clock.monotonicMs();
      this.#lookAfter(this.#isAskedFor ? this.#untilNextMs() : this.#options.intervalMs);
    });
  }

  #untilNextMs(): number {
    return Math.max(0, this.#lastLookMs + this.#pauseMs - this.#options.clock.monotonicMs());
  }

  async #claim(host: EngineHost): Promise<void> {
    // Handlers that are registered in one go are looked for together.
    await Promise.resolve();
    try {
      const open = [...host.free().keys()];
      // Each look begins with another handler, so that where slots are scarce none waits for ever.
      const first = this.#turn++ % Math.max(1, open.length);
      let found = 0;
      let isFull = false;
      for (const handler of [...open.slice(first), ...open.slice(0, first)]) {
        const limit = Math.min(host.free().get(handler) ?? 0, MOST_AT_ONCE);
        const claimed = limit > 0 && !this.#stopped ? await host.claim(handler, limit) : 0;
        isFull ||= claimed === limit || !host.free().has(handler);
        found += claimed;
      }
      this.#mayWait = isFull || open.length < this.#handlers.size;
      this.#pauseMs = found > 0 ? SHORTEST_PAUSE_MS : Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
      // Where as many were found as were asked for, more may wait.
      if (isFull && host.free().size > 0) this.#isAskedFor = true;
    } catch (error) {
      this.#options.onFault(error);
    }
  }
}
