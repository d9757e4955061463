import { Queue } from "bullmq";
import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";
import type { BullMqEngineOptions } from "../../src/engine/bullmq/bullmq-options.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { until } from "../until.ts";
import { type Fleet, HANDLER, openFleet } from "./fleet.ts";
import type { TestRedis } from "./redis-server.ts";

/** Servers and workers on BullMQ, and its queue of copies as a board has it. */
export interface BullMqFleet extends Fleet {
  readonly queue: Queue;
  /** What BullMQ keeps of the newest job of an operation, once it is in that state. */
  jobOf(name: string, state: string): Promise<BoardJob>;
}

/** A job as boards show it. */
export interface BoardJob {
  readonly name: string;
  readonly data: unknown;
  readonly progress: unknown;
  readonly returnvalue: unknown;
  readonly failedReason: string | undefined;
  readonly stacktrace: readonly string[] | null;
}

/** Opens servers and workers whose engines find Redis again soon. */
export function openBullMqFleet(
  redis: Pick<TestRedis, "url" | "prefix">,
  options: Partial<BullMqEngineOptions> & { readonly store?: OperationStore } = {},
): BullMqFleet {
  const { store, ...engineOptions } = options;
  const connection = connectionTo(redis);
  const fleet = openFleet(
    (logger) => new BullMqEngine({ connection, prefix: redis.prefix, logger, ...engineOptions }),
    store,
  );
  const queue = new Queue(HANDLER, { connection, prefix: redis.prefix });
  // Some tests kill Redis: what they see of that is what the engines do.
  queue.on("error", () => {});
  return {
    ...fleet,
    queue,
    async jobOf(name, state) {
      const found = async () => {
        const jobs = await queue.getJobs(["waiting", "active", "delayed", "completed", "failed"]);
        return jobs.find((job) => job?.name === name);
      };
      await until(async () => (await (await found())?.getState()) === state);
      const job = await found();
      if (job === undefined) throw new Error(`there is no job of ${name}`);
      return job;
    },
    async [Symbol.asyncDispose]() {
      await fleet[Symbol.asyncDispose]();
      await queue.close();
    },
  };
}

/** How tests connect to Redis: at short intervals, so that they need not wait once it is back. */
export function connectionTo({ url }: Pick<TestRedis, "url">) {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port || 6379), retryStrategy: () => 100 };
}
