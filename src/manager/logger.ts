/** Where a manager tells what clients must not see. `console` is one, and so is a pino or winston logger. */
export interface Logger {
  error(message: string, cause: unknown): void;
}
