import { Code } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { isPayloadOf } from "./resumed-work.ts";
import { payloadOf } from "./server.ts";
import { EverythingTold } from "./told.ts";

/** A wait that was answered because its operation was done. The times are of the wall clock. */
export interface Wake {
  readonly name: string;
  /** The server that answered. */
  readonly at: string;
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
}

/** A time in which nobody could have been woken. The times are of the wall clock. */
export interface Disturbance {
  /** The one node that it was at; undefined where all were concerned. */
  readonly at?: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the servers of a cluster have told their clients, whichever told what. */
export class ClusterTold {
  readonly #cancelling = new Set<string>();
  readonly #cancelled = new Set<string>();
  readonly #wakes: Wake[] = [];
  readonly #all = new EverythingTold(
    (operation, payload) => isPayloadOf(payload, payloadOf(operation)) || this.#isCancelled(operation),
  );
  /** Requests that have started two operations. */
  readonly startedTwice: string[] = [];

  get acknowledged(): number {
    return this.#all.acknowledged + this.#cancelled.size;
  }

  get lost(): readonly string[] {
    return this.#all.lost;
  }

  get reverted(): readonly string[] {
    return this.#all.reverted;
  }

  get strange(): readonly string[] {
    return this.#all.strange;
  }

  started(operation: Operation, payload: string): void {
    this.#all.started(operation, payload);
  }

  /** A request was made again. */
  startedAgain(first: string, again: string): void {
    if (first !== again) this.startedTwice.push(`${first} and ${again}`);
  }

  seen(operation: Operation): void {
    this.#all.seen(operation);
  }

  /** Whether somebody was told that the operation has ended. */
  hasEnded(name: string): boolean {
    return this.#all.hasEnded(name);
  }

  cancelling(name: string): void {
    this.#cancelling.add(name);
  }

  cancelled(name: string): void {
    this.#cancelled.add(name);
  }

  deleting(name: string): void {
    this.#all.deleting(name);
  }

  deleted(name: string): void {
    this.#all.deleted(name);
  }

  woken(wake: Wake): void {
    this.#wakes.push(wake);
  }

  /** Holds what is kept against all that was told. Answers what still runs. */
  check(kept: readonly Operation[]): string[] {
    return this.#all.check(kept);
  }

  /**
   * How long those who waited were told late, in milliseconds, the longest last: from the end of the operation, or
   * from when the call came, or from the end of the disturbance, whichever was last.
   */
  lateness(endTimesMs: ReadonlyMap<string, number>, disturbances: readonly Disturbance[]): number[] {
    return this.#wakes
      .flatMap(({ name, at, askedAtMs, answeredAtMs }) => {
        const endMs = endTimesMs.get(name);
        if (endMs === undefined) return [];
        const fromMs = Math.max(endMs, askedAtMs);
        const hindered = disturbances.filter(
          (one) => (one.at ?? at) === at && one.toMs > fromMs && one.fromMs < answeredAtMs,
        );
        return Math.max(0, answeredAtMs - Math.max(fromMs, ...hindered.map(({ toMs }) => toMs)));
      })
      .toSorted((a, b) => a - b);
  }

  #isCancelled({ name, result }: Operation): boolean {
    return result.case === "error" && result.value.code === Code.Canceled && this.#cancelling.has(name);
  }
}
