import { setImmediate as nextTurn } from "node:timers/promises";

/** How long something may take on the slowest machine before a test gives up on it. */
const PATIENCE_MS = 15_000;

/** Lets everything else go on until something is so. */
export async function until(isSo: () => boolean): Promise<void> {
  const startedMs = performance.now();
  while (!isSo()) {
    if (performance.now() - startedMs > PATIENCE_MS) throw new Error(`it never became so: ${isSo}`);
    await nextTurn();
  }
}
