export { BullMqEngine } from "./bullmq-engine.ts";
export type { BullMqEngineOptions, EngineLogger } from "./bullmq-options.ts";
export type { RedisSource } from "./redis-source.ts";
