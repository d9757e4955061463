import { Code } from "@connectrpc/connect";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { countdown } from "./countdown.ts";
import { StoppedWaitingError } from "./errors.ts";

/** How long a caller waits for an operation: until its signal aborts, or its time is up. */
export class Patience {
  readonly #operationName: string;
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #leftMs: () => number;

  /** The time starts now; without `timeoutMs` it has no end. */
  constructor(
    operationName: string,
    clock: Clock,
    limits: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
  ) {
    this.#operationName = operationName;
    this.#clock = clock;
    this.#signal = limits.signal;
    this.#leftMs = countdown(clock, limits.timeoutMs);
  }

  /** Milliseconds until the caller's time is up. */
  get leftMs(): number {
    return this.#leftMs();
  }

  /** Throws a StoppedWaitingError where the caller waits no longer. */
  check(): void {
    if (this.#signal?.aborted) {
      throw new StoppedWaitingError(this.#operationName, Code.Canceled, this.#signal.reason);
    }
    if (this.leftMs <= 0) throw new StoppedWaitingError(this.#operationName, Code.DeadlineExceeded);
  }

  /** Sleeps for `delayMs`, and throws a StoppedWaitingError as soon as the caller waits no longer. */
  async sleep(delayMs: number): Promise<void> {
    try {
      await sleep(this.#clock, Math.min(delayMs, this.leftMs), this.#signal);
    } finally {
      this.check();
    }
  }
}
