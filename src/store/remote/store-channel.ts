/**
 * Carries messages between the process that owns a store and one that uses it, as structured clones, in order and each
 * once, until it is closed.
 */
export interface StoreChannel {
  /** Sends a message to the other end. */
  send(message: unknown): void;
  /** Tells a listener of each message of the other end. */
  onMessage(listener: (message: unknown) => void): void;
  /** The other end is gone, and hears nothing any more. */
  onClosed(listener: () => void): void;
}
