import type { TestProject } from "vitest/node";
import { CLIENTS } from "./clients.ts";
import { clientsTable } from "./clients-table.ts";
import { makeRecords, recordOf, removeRecords } from "./run-record.ts";

/** Prints the table of the clients that were run, when their tests have ended: what they have really shown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const records = await makeRecords();
  project.provide("records", records);
  return async () => {
    console.log(`\n${await tableOf(records)}\n`);
    await removeRecords(records);
  };
}

async function tableOf(records: string): Promise<string> {
  const shown = new Map<string, readonly string[]>();
  for (const { id } of CLIENTS) {
    const record = await recordOf(records, id);
    if (record !== undefined) shown.set(id, record.shown);
  }
  const clients = CLIENTS.filter(({ id }) => shown.has(id));
  return clientsTable(clients, ({ id }, behaviour) => shown.get(id)?.includes(behaviour) === true);
}
