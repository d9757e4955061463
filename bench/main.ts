import { runGet } from "./parts/get.ts";
import { writeResults } from "./results.ts";
import { getTable } from "./tables/get-table.ts";
import { markdown, type Table } from "./tables/table.ts";

// npm run bench [-- PART…]
// Each part writes what it measured into bench/results, and prints it as tables.

/** Measures, keeps what it measured, and answers its tables by their titles. */
type Part = () => Promise<Readonly<Record<string, Table>>>;

const PARTS: Readonly<Record<string, Part>> = {
  get: async () => {
    const { runs } = writeResults("get", await runGet());
    return {
      "GetOperation, gRPC": getTable(runs, "grpc"),
      "GetOperation, JSON over HTTP/1.1": getTable(runs, "json"),
    };
  },
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
for (const name of names) {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`"${name}" is no part; there are ${Object.keys(PARTS).join(", ")}`);
  for (const [title, table] of Object.entries(await part())) console.log(`\n${title}\n\n${markdown(table)}`);
}
