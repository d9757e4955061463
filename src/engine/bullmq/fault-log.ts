import type { Clock } from "../../time/clock.ts";
import type { EngineLogger } from "./bullmq-options.ts";

/** How long the same fault is not told of again, in milliseconds. */
const PAUSE_MS = 60_000;

/** How many faults are told apart. */
const MOST_KEPT = 100;

/** Tells a logger of faults: once that Redis is away, however often that is noticed, and of others once a minute. */
export class FaultLog {
  readonly #logger: EngineLogger;
  readonly #clock: Clock;
  readonly #toldMs = new Map<string, number>();
  #isAway = false;

  constructor(logger: EngineLogger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Tells of a fault of Redis, or of the connection to it. */
  redis(error: unknown): void {
    if (!isOfConnection(error)) {
      this.fault("Redis refused what BullMQ asked of it", error);
      return;
    }
    if (this.#isAway) return;
    this.#isAway = true;
    this.#logger.error("Redis is away: work that waits is begun once it is back", error);
  }

  /** Redis is there again. */
  back(): void {
    this.#isAway = false;
  }

  /** Tells of a fault, unless it was told of just now. */
  fault(message: string, error: unknown): void {
    // Many jobs may have the same fault: their numbers do not make it another.
    const kind = `${message} ${String(error).replaceAll(/\d+/g, "#")}`;
    const nowMs = this.#clock.monotonicMs();
    const toldMs = this.#toldMs.get(kind);
    if (toldMs !== undefined && nowMs - toldMs < PAUSE_MS) return;
    if (this.#toldMs.size >= MOST_KEPT) this.#toldMs.clear();
    this.#toldMs.set(kind, nowMs);
    this.#logger.error(message, error);
  }
}

function isOfConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // Of the operating system, whose codes are letters; those of BullMQ are numbers.
  if ("code" in error && typeof error.code === "string") return true;
  return /^(Connection is closed|Socket timeout|Command timed out|connect ETIMEDOUT|Reached the max retries)/.test(
    error.message,
  );
}
