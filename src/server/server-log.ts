import type { Logger } from "../operation/logger.ts";
import { withoutSecrets } from "../telemetry/without-secrets.ts";
import { errorText } from "./error-text.ts";
import { plainText } from "./plain-text.ts";
import type { TelemetryConfig } from "./telemetry-flags.ts";
import { UsageError } from "./usage-error.ts";

/** Where a server's process tells how it is. */
export interface ServerLog extends Logger {
  error(message: string, cause?: unknown): void;
  info(message: string): void;
}

/** Opens the log. Throws a UsageError where it needs a package that is not installed. */
export async function openLog(format: TelemetryConfig["logFormat"]): Promise<ServerLog> {
  if (format === "text") return textLog;
  const { openJsonLog } = await loadPino();
  return openJsonLog();
}

/** For people: what is as it should be on the standard output, what went wrong on the other. */
const textLog: ServerLog = {
  info: (message) => console.log(plainText(withoutSecrets(message))),
  error(message, cause) {
    const line = plainText(withoutSecrets(message));
    console.error(cause === undefined ? line : `${line}\n${errorText(cause)}`);
  },
};

/** Only who logs JSON needs pino. */
async function loadPino() {
  try {
    return await import("../telemetry/pino/json-log.ts");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    throw isMissing
      ? new UsageError(
          '--log-format json needs the npm packages "pino" and "@opentelemetry/api"; npm install pino @opentelemetry/api',
        )
      : error;
  }
}
