import type { Any } from "@bufbuild/protobuf/wkt";
import type { Clock } from "../../time/clock.ts";
import { sleep } from "../../time/sleep.ts";
import type { RunObserver } from "../engine.ts";

/** What progress needs of its engine. */
export interface JobProgressOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  /** Writes to the job. It must not reject. */
  readonly write: (metadata: Any) => Promise<void>;
}

/** Shows on a job how far its work is: the newest of what is told, and not too often. */
export class JobProgress implements RunObserver {
  readonly #options: JobProgressOptions;
  readonly #end = new AbortController();
  #latest: Any | undefined;
  #writing: Promise<void> | undefined;

  constructor(options: JobProgressOptions) {
    this.#options = options;
  }

  progress(metadata: Any): void {
    this.#latest = metadata;
    if (!this.#end.signal.aborted) this.#writing ??= this.#write();
  }

  /** Shows what was told last. Resolves once that is written, and nothing more is. */
  async close(): Promise<void> {
    this.#end.abort("ended");
    await this.#writing;
    await this.#writeLatest();
  }

  async #write(): Promise<void> {
    const { clock, intervalMs } = this.#options;
    while (this.#latest !== undefined && !this.#end.signal.aborted) {
      await this.#writeLatest();
      await sleep(clock, intervalMs, this.#end.signal).catch(() => {});
    }
    this.#writing = undefined;
  }

  async #writeLatest(): Promise<void> {
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest !== undefined) await this.#options.write(latest);
  }
}
