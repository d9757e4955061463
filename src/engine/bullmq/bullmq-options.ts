import { createRegistry, type Registry } from "@bufbuild/protobuf";
import type { DefaultJobOptions, QueueOptions, WorkerOptions } from "bullmq";
import { OperationMetadataSchema } from "../../../gen/longrunning/v1/operation_metadata_pb.ts";
import { type Clock, systemClock } from "../../time/clock.ts";
import type { RedisSource } from "./redis-source.ts";

const DAY_S = 24 * 60 * 60;

/**
 * Where an engine tells what goes wrong. `console` is one; `pinoLogger` of `longrunning/telemetry` makes one of pino.
 */
export interface EngineLogger {
  /** Tells what has gone wrong, and what it was caused by. */
  error(message: string, cause: unknown): void;
}

/** How the engine uses BullMQ and Redis. */
export interface BullMqEngineOptions {
  /** Where Redis is: a URL, ioredis' options, or a connection of ioredis to take after, such as that to a cluster. */
  readonly connection: RedisSource;
  /** What the keys in Redis begin with. `{longrunning}` by default: its braces keep them on one node of a cluster. */
  readonly prefix?: string | undefined;
  /** What BullMQ's queues take besides. */
  readonly queueOptions?: Omit<QueueOptions, "connection" | "prefix" | "defaultJobOptions"> | undefined;
  /**
   * What BullMQ's workers take besides: `lockDuration` (10 s by default) and `stalledInterval` (5 s) say how soon the
   * work of a process that died is delivered again.
   */
  readonly workerOptions?:
    | Omit<
        WorkerOptions,
        "connection" | "prefix" | "autorun" | "concurrency" | "maxStalledCount" | "maxStartedAttempts"
      >
    | undefined;
  /** What BullMQ's jobs take besides. Finished ones are kept for a day by default, failed ones for a week. */
  readonly jobOptions?:
    | Omit<
        DefaultJobOptions,
        "attempts" | "backoff" | "deduplication" | "delay" | "jobId" | "lifo" | "parent" | "repeat"
      >
    | undefined;
  /** The types of metadata that a job's progress shows as JSON; of others it shows the bytes, in base64. */
  readonly registry?: Registry | undefined;
  /** How often a job's progress is written at most, in milliseconds. Every second by default. */
  readonly progressIntervalMs?: number | undefined;
  /** How long Redis has to answer, in milliseconds, before what was asked of it is given up. 5 s by default. */
  readonly answerMs?: number | undefined;
  /** Where errors go. `console` by default. */
  readonly logger?: EngineLogger | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

/** The options with their defaults. */
export function withDefaults(options: BullMqEngineOptions) {
  return {
    connection: options.connection,
    prefix: options.prefix ?? "{longrunning}",
    queueOptions: options.queueOptions ?? {},
    workerOptions: { lockDuration: 10_000, stalledInterval: 5_000, ...options.workerOptions },
    jobOptions: {
      removeOnComplete: { age: DAY_S, count: 1_000 },
      removeOnFail: { age: 7 * DAY_S, count: 5_000 },
      // Where the work failed is for its own log. Here it would be this engine's code.
      stackTraceLimit: 0,
      ...options.jobOptions,
    },
    registry: createRegistry(OperationMetadataSchema, ...(options.registry ?? [])),
    progressIntervalMs: options.progressIntervalMs ?? 1_000,
    answerMs: options.answerMs ?? 5_000,
    logger: options.logger ?? console,
    clock: options.clock ?? systemClock,
  };
}
