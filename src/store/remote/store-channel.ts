/**
 * Carries messages between the process that owns a store and one that uses it, as structured clones, in order and each
 * once, until it is closed.
 */
export interface StoreChannel {
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The other end is gone, and hears nothing any more. */
  onClosed(listener: () => void): void;
}
