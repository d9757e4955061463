import type { GetRun } from "../parts/get.ts";
import type { KnownRun } from "../parts/known.ts";
import type { ParkedRun } from "../parts/parked.ts";
import { eachPart } from "../parts/parts.ts";
import { type Results, readResults } from "../results.ts";
import { markdown } from "./table.ts";
import { targetsTable } from "./targets.ts";

/** All tables of the results that are kept, as they stand in docs/performance.md. */
export function performanceTables(): string {
  const get = readResults<GetRun>("get");
  const targets = targetsTable(
    get.runs,
    readResults<ParkedRun>("parked").runs,
    readResults<KnownRun>("known").runs,
  );
  const sections = eachPart(({ name, tables }) => {
    const results = readResults<never>(name);
    const titled = Object.entries(tables(results.runs));
    // A part that was run by itself, later or elsewhere, says so.
    const own = ranOn(results) === ranOn(get) ? "" : `${ranOn(results)}\n\n`;
    return titled.map(([title, table]) => `### ${title}\n\n${own}${markdown(table)}`);
  });
  return [ranOn(get), `### Goals\n\n${markdown(targets)}`, ...sections.flat()].join("\n\n");
}

function ranOn({ ranAt, machine, versions }: Results<unknown>): string {
  const { cpu, cores, memoryGib, kernel } = machine;
  const of = Object.entries(versions).filter(([, version]) => version !== "");
  return [
    `${ranAt.slice(0, 10)}, ${cores} cores of ${cpu}, ${memoryGib} GiB, Linux ${kernel};`,
    `${of.map(([name, version]) => `${name} ${version.replace(/^(v|go)/, "")}`).join(", ")}.`,
  ].join(" ");
}
