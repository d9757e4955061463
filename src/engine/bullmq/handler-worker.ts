import type { Registry } from "@bufbuild/protobuf";
import { DelayedError, type Job, UnrecoverableError, WaitingError, Worker, type WorkerOptions } from "bullmq";
import { CodeSchema } from "../../../gen/google/rpc/code_pb.ts";
import type { Clock } from "../../time/clock.ts";
import type { EngineHost, Outcome } from "../engine.ts";
import type { FaultLog } from "./fault-log.ts";
import type { HandlerQueue } from "./handler-queue.ts";
import { type JobResult, operationNameIn } from "./job-data.ts";
import { JobProgress } from "./job-progress.ts";
import { progressJson } from "./progress-json.ts";
import { queueNameOf } from "./queue-name.ts";

/** How long work is held back that the store refused to begin, in milliseconds: ever longer while it refuses. */
const LEAST_REFUSED_MS = 500;
const MOST_REFUSED_MS = 30_000;

type HandlerJob = Job<unknown, JobResult>;

/** What a worker needs of its engine. */
export interface HandlerWorkerOptions {
  readonly handler: string;
  readonly host: EngineHost;
  readonly queue: HandlerQueue;
  readonly worker: WorkerOptions;
  readonly registry: Registry;
  readonly progressIntervalMs: number;
  readonly clock: Clock;
  readonly faults: FaultLog;
}

/** Takes one handler's jobs from Redis, gives them to the host, and tells Redis what became of them. */
export class HandlerWorker {
  readonly #options: HandlerWorkerOptions;
  readonly #worker: Worker<unknown, JobResult>;
  readonly #running = new Set<Promise<unknown>>();
  #refusals = 0;
  #closing: Promise<void> | undefined;

  constructor(options: HandlerWorkerOptions) {
    this.#options = options;
    const { handler, worker, faults } = options;
    this.#worker = new Worker(queueNameOf(handler), (job, token) => this.#process(job, token), {
      // While Redis is away, it is tried again as soon as its connection is.
      runRetryDelay: 1_000,
      ...worker,
      // How often work is begun is counted in the store.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#worker.on("error", (error) => faults.redis(error));
  }

  /** Slots may be free again: goes on where there was none. */
  goOn(): void {
    if (this.#worker.isPaused() && this.#closing === undefined && this.#hasSlot) void this.#worker.resume();
  }

  /** Takes no more jobs. */
  stop(): void {
    this.#closing ??= this.#worker.close().catch((error) => this.#options.faults.redis(error));
  }

  /** Resolves once all that was given to the host has ended there. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** Resolves once Redis knows what became of all jobs, and the worker has let go of it. */
  async close(): Promise<void> {
    this.stop();
    await this.#closing;
  }

  get #hasSlot(): boolean {
    const { host, handler } = this.#options;
    return (host.free().get(handler) ?? 0) > 0;
  }

  async #process(job: HandlerJob, token: string | undefined): Promise<JobResult> {
    const name = operationNameIn(job.data);
    if (name === undefined) throw new UnrecoverableError("the job names no operation");
    if (this.#closing !== undefined) return this.#again(job, name, token, 0);
    if (!this.#hasSlot) {
      // Another process may have a slot: the job is not to wait for one here.
      await this.#worker.pause(true);
      return this.#again(job, name, token, 0);
    }
    const running = this.#run(job, name);
    this.#running.add(running);
    const outcome = await running.finally(() => this.#running.delete(running));
    return this.#settle(job, name, token, outcome);
  }

  async #run(job: HandlerJob, name: string): Promise<Outcome> {
    const { host, handler, clock, registry, faults, progressIntervalMs: intervalMs } = this.#options;
    const progress = new JobProgress({
      ...{ clock, intervalMs },
      // What a board shows is nothing that work could fail by.
      write: (metadata) => job.updateProgress(progressJson(metadata, registry)).catch(() => {}),
    });
    try {
      const outcome = await host.run({ name, handler }, progress);
      this.#refusals = 0;
      await progress.close();
      return outcome;
    } catch (error) {
      faults.fault(`work of "${handler}" that was delivered could not be begun, and will be again`, error);
      const delayMs = Math.min(LEAST_REFUSED_MS * 2 ** this.#refusals++, MOST_REFUSED_MS);
      return { case: "again", delayMs: delayMs * (0.5 + Math.random() / 2) };
    }
  }

  async #settle(
    job: HandlerJob,
    name: string,
    token: string | undefined,
    outcome: Outcome,
  ): Promise<JobResult> {
    switch (outcome.case) {
      case "completed":
        return { case: "completed", response: outcome.response.typeUrl };
      case "over":
        return { case: "over" };
      case "failed": {
        const { code, message } = outcome.error;
        throw new UnrecoverableError(`${nameOfCode(code)}: ${message}`);
      }
      case "again":
      case "elsewhere":
        return this.#again(job, name, token, outcome.delayMs);
    }
  }

  /** Leaves the job to be delivered again. Throws, as BullMQ wants it, what says that this is seen to. */
  async #again(job: HandlerJob, name: string, token: string | undefined, delayMs: number): Promise<never> {
    try {
      if (delayMs <= 0) await job.moveToWait(token);
      else await job.moveToDelayed(this.#options.clock.wallMs() + delayMs, token);
    } catch {
      // Redis has lost the job, or has given it to another worker. Where that one has it, this adds none.
      await this.#options.queue.add([{ name, delayMs }]).catch((error) => this.#options.faults.redis(error));
    }
    throw delayMs <= 0 ? new WaitingError() : new DelayedError();
  }
}

function nameOfCode(code: number): string {
  return CodeSchema.values.find(({ number }) => number === code)?.name ?? "UNKNOWN";
}
