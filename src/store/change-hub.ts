import { EventEmitter } from "node:events";

/** The events of a {@link ChangeHub}. */
export interface ChangeEvents {
  /** The operation of this name is new, has changed, or went away. */
  change: [name: string];
  /** Work of this handler waits for somebody who begins it. */
  waiting: [handler: string];
  /** Operations may have changed of which nobody was told: whoever follows many must look at them. */
  missed: [];
}

/**
 * Tells that operations have changed: an event says "look again", the store says what is true.
 * Everyone hears of every change through `on("change", …)`; a waiter hears of its own operation alone
 * through `subscribe`, at a cost that does not grow with the number of other waiters.
 */
export class ChangeHub extends EventEmitter<ChangeEvents> {
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor() {
    super();
    // Many listeners are no sign of a leak here.
    this.setMaxListeners(0);
  }

  /** Calls `onChange` after each change of one operation. Answers the function that ends it. */
  subscribe(name: string, onChange: () => void): () => void {
    // A function of its own, so that the same listener may subscribe twice.
    const listener = () => onChange();
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) this.#listeners.set(name, new Set([listener]));
    else listeners.add(listener);
    return () => this.#unsubscribe(name, listener);
  }

  /** Tells everyone concerned that an operation has changed. Only stores call it, after the change is kept. */
  announce(name: string): void {
    this.emit("change", name);
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    // A copy, so that one who subscribes while being told is not told for ever.
    // Whoever is told may end the subscription of another, who then hears no more.
    for (const listener of [...listeners]) if (listeners.has(listener)) listener();
  }

  /** Tells everyone concerned that work waits for its handler. Only stores call it, after the operation is kept. */
  announceWork(handler: string): void {
    this.emit("waiting", handler);
  }

  /** Tells everyone who follows many operations that some changes were not told. Only stores call it. */
  announceMissed(): void {
    this.emit("missed");
  }

  /** The operations that have listeners of their own. */
  get awaited(): Iterable<string> {
    return this.#listeners.keys();
  }

  /** Whether an operation has a listener of its own. */
  isAwaited(name: string): boolean {
    return this.#listeners.has(name);
  }

  /** How many listeners of single operations there are: 0 where nobody waits. */
  get subscriptions(): number {
    let count = 0;
    for (const listeners of this.#listeners.values()) count += listeners.size;
    return count;
  }

  #unsubscribe(name: string, listener: () => void): void {
    const listeners = this.#listeners.get(name);
    if (listeners === undefined) return;
    listeners.delete(listener);
    if (listeners.size === 0) this.#listeners.delete(name);
  }
}
