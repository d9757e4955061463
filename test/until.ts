import { setImmediate as nextTurn } from "node:timers/promises";

/** How long something may take on the slowest machine before a test gives up on it. */
const PATIENCE_MS = 20_000;

/** Lets everything else go on until something is so, however long that takes. */
export async function until(isSo: () => boolean | Promise<boolean>, patienceMs = PATIENCE_MS): Promise<void> {
  const startedMs = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedMs > patienceMs) throw new Error(`it never became so: ${isSo}`);
    await nextTurn();
  }
}

/** Lets everything that does not wait for time or for a socket come to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}
