import type { Any } from "@bufbuild/protobuf/wkt";

/**
 * Keeps the latest report of one piece of work: one write at a time, and of the reports that come
 * meanwhile only the last.
 */
export class ProgressWriter {
  readonly #keep: (metadata: Any) => Promise<boolean>;
  #latest: Any | undefined;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #closed = false;

  /** `keep` writes a report and answers whether it is kept; it must not reject. */
  constructor(keep: (metadata: Any) => Promise<boolean>) {
    this.#keep = keep;
  }

  /** Takes a report. Resolves once it, or a later one, was written. */
  report(metadata: Any): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#latest = metadata;
    this.#next ??= this.#writeAfter(this.#running);
    return this.#next;
  }

  /** Resolves once everything reported so far was written. */
  async flush(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  /** Takes no more reports. Answers the one that is not kept yet, for the end to keep it. */
  async close(): Promise<Any | undefined> {
    this.#closed = true;
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
    const metadata = this.#latest;
    this.#latest = undefined;
    if (metadata !== undefined && !(await this.#keep(metadata))) this.#latest ??= metadata;
  }
}
