import { BareLoop, insertValues } from "./bare-loop.ts";
import { sampleEnded } from "./sample-operations.ts";

/** Writes sample operations into a file by bare SQL: nobody waits for a crash here. */
export function writeSampleDatabase(file: string, count: number): void {
  using loop = new BareLoop(file);
  const atOnce = 10_000;
  for (let first = 0; first < count; first += atOnce) {
    const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, i) => first + i);
    loop.insert(
      numbers.map((number) => insertValues(sampleEnded(number))),
      atOnce,
    );
  }
}
