import type { Any } from "@bufbuild/protobuf/wkt";

/** How reports are kept. Neither may reject. */
export interface ReportKeeper {
  /** Writes a report, and answers whether it is kept, or of no interest any more. */
  keep(metadata: Any): Promise<boolean>;
  /** Lets a store come to itself that has refused so many reports, one after another. */
  pause(refusals: number): Promise<void>;
}

/**
 * Keeps the latest report of one piece of work: one write at a time, and of the reports that come
 * meanwhile only the last. What the store refuses is written again.
 */
export class ProgressWriter {
  readonly #keeper: ReportKeeper;
  #latest: Any | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  readonly #closed = Promise.withResolvers<void>();
  #isClosed = false;

  constructor(keeper: ReportKeeper) {
    this.#keeper = keeper;
  }

  /** Takes a report. Resolves once it, or a later one, is kept, or nobody wants it any more. */
  report(metadata: Any): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#latest = metadata;
    this.#next ??= this.#writeAfter(this.#running);
    return this.#next;
  }

  /** Resolves once everything reported so far is kept. */
  async flush(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  /** Takes no more reports. Answers the one that is not kept yet, for the end to keep it. */
  async close(): Promise<Any | undefined> {
    this.#isClosed = true;
    this.#closed.resolve();
    const unwritten = this.#latest;
    this.#latest = undefined;
    await this.#running;
    // The write that was running may have failed, and put its report back.
    return unwritten ?? this.#latest;
  }

  async #writeAfter(before: Promise<void>): Promise<void> {
    // Also where nothing runs: the reports of one go are one write.
    await before;
    this.#running = this.#next ?? this.#running;
    this.#next = undefined;
    for (let refusals = 1; this.#latest !== undefined; refusals++) {
      const metadata = this.#latest;
      this.#latest = undefined;
      if (await this.#keeper.keep(metadata)) return;
      this.#latest ??= metadata;
      if (this.#isClosed) return;
      await Promise.race([this.#keeper.pause(refusals), this.#closed.promise]);
      // Whoever closed it meanwhile has taken the report along.
      if (this.#isClosed) return;
    }
  }
}
