import { eachPart, type Part } from "./parts/parts.ts";
import { writeResults } from "./results.ts";
import { markdown } from "./tables/table.ts";

// npm run bench [-- PART…]
// Each part keeps what it measured in bench/results, and prints it as tables. All of them take twenty minutes.
const names = eachPart(({ name }) => name);
const wanted = process.argv.length > 2 ? process.argv.slice(2) : names;
for (const name of wanted) {
  if (!names.includes(name)) throw new TypeError(`"${name}" is no part; there are ${names.join(", ")}`);
}

async function run<Run>({ name, run, tables }: Part<Run>): Promise<void> {
  const { runs } = writeResults(name, await run());
  for (const [title, table] of Object.entries(tables(runs))) console.log(`\n${title}\n\n${markdown(table)}`);
}

const parts = eachPart((part) => ({ name: part.name, run: () => run(part) }));
for (const { name, run } of parts) if (wanted.includes(name)) await run();
