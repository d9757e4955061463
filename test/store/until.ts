import { setImmediate as nextTurn } from "node:timers/promises";

/**
 * Lets everything else go on, for one turn of the event loop at least, until something is so.
 * Throws where it is not so within 1,000 turns.
 */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    await nextTurn();
    if (isSo()) return;
  }
  throw new Error(`it never became so: ${isSo}`);
}
