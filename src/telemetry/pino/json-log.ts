import { destination, pino, stdTimeFunctions } from "pino";
import { type PinoLogger, pinoLogger } from "../pino-logger.ts";

/** A log of JSON lines on the standard output, each written before the call returns. */
export function openJsonLog(): PinoLogger {
  const options = {
    base: { pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (level: string) => ({ level }) },
  };
  return pinoLogger(pino(options, destination({ fd: 1, sync: true })));
}
