import type { Engine } from "../engine/engine.ts";
import type { Logger } from "../operation/logger.ts";
import { StoreRefused } from "./open-store.ts";

/**
 * The engine at an address of Redis; undefined where there is none, and managers claim work from the store. Redis need
 * not be there yet. Throws a StoreRefused where BullMQ is not installed.
 */
export async function openEngine(url: string | undefined, logger: Logger): Promise<Engine | undefined> {
  if (url === undefined) return undefined;
  const { BullMqEngine } = await loadBullMq();
  return new BullMqEngine({ connection: url, logger });
}

/** Only who uses it needs BullMQ. */
async function loadBullMq() {
  try {
    return await import("../engine/bullmq/bullmq-engine.ts");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    throw isMissing
      ? new StoreRefused('--engine needs the npm packages "bullmq" and "ioredis"; npm install bullmq ioredis')
      : error;
  }
}
