/**
 * Where it is told what clients must not see. `console` is one; `pinoLogger` of `longrunning/telemetry` makes
 * one of pino.
 */
export interface Logger {
  /** Tells what has gone wrong, and what it was caused by. */
  error(message: string, cause: unknown): void;
}
