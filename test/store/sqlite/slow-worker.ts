// Past any mock of node:worker_threads.
const { Worker } = process.getBuiltinModule("node:worker_threads");

/** Waits for as long as somebody else decides. */
export type Gate = (label: string) => Promise<void>;

/** A gate that is open. */
export const open: Gate = () => Promise.resolve();

/** Whoever mocks node:worker_threads with a SlowWorker opens and closes its gates here. */
export const gates: { current: Gate } = { current: open };

/** A thread behind a slow wire: what it is asked, and what it answers, waits at a gate, and stays in its order. */
export class SlowWorker extends Worker {
  readonly #label: string;

  constructor(...args: ConstructorParameters<typeof Worker>) {
    super(...args);
    this.#label = args[1]?.name ?? "a thread";
  }

  override postMessage(...args: Parameters<InstanceType<typeof Worker>["postMessage"]>): void {
    void gates.current(`${this.#label} is asked`).then(() => super.postMessage(...args));
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== "message") return super.emit(event as "message", ...args);
    void gates.current(`${this.#label} answers`).then(() => super.emit("message", ...args));
    return true;
  }
}
