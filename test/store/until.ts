import { setImmediate as nextTurn } from "node:timers/promises";

/** Lets everything else go on until something is so. Throws where it is not within 1,000 turns of the event loop. */
export async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1_000; turn++) {
    if (isSo()) return;
    await nextTurn();
  }
  throw new Error(`it never became so: ${isSo}`);
}
