import type { DescMessage } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { Outcome, RunObserver } from "../engine/engine.ts";
import type { Logger } from "../operation/logger.ts";
import type { OperationObserver, WorkEnd, WorkObserver } from "../operation/operation-observer.ts";
import type { OperationType } from "../operation/operation-type.ts";
import type { MetadataFiller } from "../operation/standard-metadata.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { OperationStore } from "../store/operation-store.ts";
import type { Clock } from "../time/clock.ts";
import { ProgressWriter } from "./progress-writer.ts";
import { runWork } from "./run-work.ts";
import { RunningOperation } from "./running-operation.ts";
import type { Work } from "./work.ts";

/** What running operations need of their manager. */
export interface RunningOperationsOptions {
  readonly owner: string;
  /** How long work that is left to others waits beyond its own delay, for an engine that must be told of it. */
  readonly handOverMs: number | undefined;
  readonly fill: MetadataFiller;
  readonly store: OperationStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
  readonly errorDomain: string;
  readonly observer: OperationObserver | undefined;
}

/** The operations that a manager looks after: those whose work it runs, and those whose work runs elsewhere. */
export class RunningOperations {
  readonly #options: RunningOperationsOptions;
  readonly #running = new Map<RunningOperation, Promise<void>>();
  readonly #onEnds = new Map<RunningOperation, (outcome: Outcome) => void>();

  constructor(options: RunningOperationsOptions) {
    this.#options = options;
  }

  /** How many there are now. */
  get size(): number {
    return this.#running.size;
  }

  /**
   * Begins work, and resolves once all is kept that it reports or answers before it waits for something outside.
   * `onEnd` is called when the work has ended, or nobody waits for that any longer.
   */
  async begin(
    type: OperationType,
    work: Work<DescMessage, DescMessage>,
    stored: StoredOperation,
    onEnd: (outcome: Outcome) => void = () => {},
    observer?: RunObserver,
  ): Promise<void> {
    const observed = this.#options.observer?.workBegins?.(stored, type);
    const running = this.#lookAfter(stored, observed);
    const progress = new ProgressWriter({
      keep: async (metadata) => {
        observer?.progress(metadata);
        const isKept = await running.report(metadata);
        if (isKept) observed?.reported();
        return isKept;
      },
      pause: (refusals) => running.pause(refusals),
    });
    let hasReturned = false;
    const run = () =>
      runWork(type, work, running, progress, this.#options.logger, () => {
        hasReturned = true;
      });
    const working = observed === undefined ? run() : observed.within(run);
    this.#keepUntil(working, running, (outcome) => {
      observed?.ended(running.isOver ? "over" : endOf(outcome));
      onEnd(outcome);
    });
    // One turn of the event loop is all the time that it takes.
    await Promise.race([working, nextTurn()]);
    await Promise.race([working, hasReturned ? running.tried : progress.flush()]);
  }

  /** Looks after an operation whose work runs elsewhere. Answers the signal for that work. */
  follow(stored: StoredOperation): AbortSignal {
    const running = this.#lookAfter(stored);
    this.#keepUntil(
      running.ended.then((): Outcome => ({ case: "over" })),
      running,
    );
    return running.signal;
  }

  /** Tells all work to stop, waits for it, at most for the grace period, and ends or gives back what is left. */
  async close(graceMs: number): Promise<void> {
    // What was kept just now is looked after a turn later, and must be told too.
    await nextTurn();
    for (const running of this.#running.keys()) running.stop();
    const ended = Promise.all(this.#running.values());
    let callOff = () => {};
    const grace = new Promise<void>((resolve) => {
      callOff = this.#options.clock.after(graceMs, resolve);
    });
    await Promise.race([ended, grace]);
    callOff();
    await Promise.all(Array.from(this.#running.keys(), (running) => running.abandon()));
    for (const onEnd of this.#onEnds.values()) onEnd({ case: "again", delayMs: 0 });
  }

  #lookAfter(
    { name, attempt, work, cancelRequested }: StoredOperation,
    observed?: WorkObserver,
  ): RunningOperation {
    const { owner, observer, ...options } = this.#options;
    return new RunningOperation({
      ...options,
      name,
      ownership: { owner, attempt },
      isResumable: work !== undefined,
      isCancelled: cancelRequested,
      traceParent: observed?.traceParent,
      onLeaseLost: () => observer?.leaseLost?.(name),
    });
  }

  /** Also the work of an operation that was deleted is told when the server stops. */
  #keepUntil(
    ended: Promise<Outcome>,
    running: RunningOperation,
    onEnd: (outcome: Outcome) => void = () => {},
  ): void {
    const end = (outcome: Outcome) => {
      if (this.#onEnds.delete(running)) onEnd(outcome);
    };
    const forget = (outcome: Outcome) => {
      this.#running.delete(running);
      end(outcome);
    };
    this.#onEnds.set(running, end);
    this.#running.set(running, ended.then(forget));
  }
}

function endOf(outcome: Outcome): WorkEnd {
  if (outcome.case === "failed" && outcome.error.code === Code.Canceled) return "cancelled";
  return outcome.case === "elsewhere" ? "over" : outcome.case;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
