import type { Any } from "@bufbuild/protobuf/wkt";
import type { Status } from "../../gen/google/rpc/status_pb.ts";

/** Work that waits for a process that has its handler. */
export interface Delivery {
  /** The operation's name. */
  readonly name: string;
  /** The name that the handler is registered by. */
  readonly handler: string;
  /** How long from now it is to be held back, in milliseconds. */
  readonly delayMs: number;
}

/** What became of work that was delivered. */
export type Outcome =
  /** The operation has ended with this response. */
  | { readonly case: "completed"; readonly response: Any }
  /** The operation has ended with this error. */
  | { readonly case: "failed"; readonly error: Status }
  /** The work is to be delivered again: it failed and is tried again, or this process stops. */
  | { readonly case: "again"; readonly delayMs: number }
  /** Another process runs it, so that nothing was begun here. Should that one die, it is to be delivered again. */
  | { readonly case: "elsewhere"; readonly delayMs: number }
  /** The operation is done, or deleted: there is nothing to deliver. */
  | { readonly case: "over" };

/** Hears how work fares that was delivered. */
export interface RunObserver {
  /** The work has told how far it is. Must not throw. */
  progress(metadata: Any): void;
}

/** What an engine delivers to: a manager, and the handlers that are registered with it. */
export interface EngineHost {
  /** The handlers of which more work may begin here now, and how much of each. */
  free(): ReadonlyMap<string, number>;
  /**
   * Takes over what has waited longest of a handler's work, and begins it. Answers how much was found. Throws what
   * the store throws.
   */
  claim(handler: string, limit: number): Promise<number>;
  /**
   * Takes over this work, as soon as there is a slot for it, and runs it. Resolves when it has ended, or cannot be
   * begun here. While it runs, the manager's lease is its heartbeat. Throws what the store throws before it is begun.
   */
  run(delivery: Pick<Delivery, "name" | "handler">, observer?: RunObserver): Promise<Outcome>;
}

/**
 * Brings work that waits to the processes that have its handler. It decides nothing: the store says what is true,
 * and whoever is given work asks the store for it. So an engine may deliver late, twice, or what is over already,
 * and does no harm; and what it loses is told to it again.
 */
export interface Engine extends AsyncDisposable {
  /**
   * Whether it delivers only what `start` has told it. Then all that waits is told to it again, now and then, until
   * somebody has begun it. Otherwise it finds in the store what waits, and `start` is a hint.
   */
  readonly needsTelling: boolean;
  /** Delivers to this host from now on. Called once, before all else. */
  open(host: EngineHost): void;
  /** Delivers work of this handler to the host from now on, at most so much at a time. */
  take(handler: string, concurrency: number): void;
  /**
   * Delivers this work to one process, once its delay is over. The operations are kept already, when it is called.
   * Resolves once the engine has them; where it throws, it is told again later.
   */
  start(deliveries: readonly Delivery[]): Promise<void>;
  /** Slots are free again for work that may wait. */
  freed(): void;
  /** Delivers this work, of which a cancel is asked for and which nobody runs, before all else. */
  cancel(delivery: Delivery): Promise<void>;
  /** Delivers no more. What runs goes on. Resolves once nothing is being handed over; then the host stops the work. */
  stop(): Promise<void>;
  /** Lets go of what it holds, once all has ended that it delivered. */
  [Symbol.asyncDispose](): Promise<void>;
}
