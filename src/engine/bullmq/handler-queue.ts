import { type JobsOptions, Queue, type QueueOptions } from "bullmq";
import type { Delivery } from "../engine.ts";
import type { JobData } from "./job-data.ts";
import { queueNameOf } from "./queue-name.ts";

/** How many jobs are added in one go. */
const BATCH = 1_000;

/** BullMQ's codes for a job that is gone, and for one that is not where it was looked for. */
const GONE: readonly unknown[] = [-1, -3];

/** The jobs of one handler that wait in Redis. An operation has one of them at most that has not ended. */
export class HandlerQueue {
  readonly #queue: Queue<JobData>;
  readonly #onFault: (error: unknown) => void;

  constructor(handler: string, options: QueueOptions, onFault: (error: unknown) => void) {
    this.#onFault = onFault;
    // What the check of Redis' version would ask in the beginning, and fail by for ever, the workers ask.
    this.#queue = new Queue(queueNameOf(handler), { skipVersionCheck: true, ...options });
    this.#queue.on("error", onFault);
  }

  /** Adds work. That which is there already and is held back, is held back for its new delay. */
  async add(deliveries: readonly Pick<Delivery, "name" | "delayMs">[]): Promise<void> {
    for (let from = 0; from < deliveries.length; from += BATCH) {
      await this.#queue.addBulk(
        deliveries.slice(from, from + BATCH).map(({ name, delayMs }) => ({
          name,
          data: { name },
          opts: jobOptions(name, { delay: delayMs }),
        })),
      );
    }
  }

  /** Puts work before all that waits. Work that is being delivered stays where it is. */
  async addFirst(name: string): Promise<void> {
    await this.#queue.add(name, { name }, jobOptions(name, { lifo: true }));
    const id = await this.#queue.getDeduplicationJobId(name);
    const job = id === null ? undefined : await this.#queue.getJob(id);
    if (job === undefined) return;
    await unlessGone(job.promote());
    await unlessGone(job.changePriority({ priority: 0, lifo: true }));
  }

  /** Lets go of it. The connection stays. */
  async close(): Promise<void> {
    await this.#queue.close().catch(this.#onFault);
  }
}

function jobOptions(name: string, options: JobsOptions): JobsOptions {
  return { ...options, attempts: 1, deduplication: { id: name, reschedule: true } };
}

async function unlessGone(moved: Promise<void>): Promise<void> {
  try {
    await moved;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && GONE.includes(error.code))) throw error;
  }
}
