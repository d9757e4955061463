/** An answer that is large, or that its client has not taken at once. */
export interface UntakenAnswer {
  readonly bytes: number;
  /** What the call came over; undefined where that is gone. */
  readonly connection: { destroy(): void } | undefined;
  /** Whether all answers before it on its connection are sent (HTTP/1.1 answers in the order of the requests). */
  readonly isItsTurn: boolean;
  /** Ends the call, taken or not. */
  end(): void;
  /** Calls the listener when the call is closed. */
  onClosed(listener: () => void): void;
}

/** Hears of answers that are large, or not taken at once. */
export type WatchAnswer = (answer: UntakenAnswer) => void;

/** Of answers up to this size, a thousand on each connection make no difference: they are watched when they are not taken. */
export const SMALL_BYTES = 16 * 1024;
