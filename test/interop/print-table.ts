import { rm } from "node:fs/promises";
import { join } from "node:path";
import { CLIENTS } from "./clients.ts";
import { clientsTable } from "./clients-table.ts";
import { cache } from "./run-command.ts";

/** Prints the table of all clients when their tests have ended; the tests say whether it is true. */
export async function setup(): Promise<() => void> {
  await rm(join(cache, "seen"), { recursive: true, force: true });
  return () => console.log(`\n${clientsTable(CLIENTS)}\n`);
}
