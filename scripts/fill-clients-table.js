// Puts the table of the clients that are tested into docs/clients.md, between the comments that mark it.
import { readFileSync, writeFileSync } from "node:fs";
import { CLIENTS } from "../test/interop/clients.ts";
import { clientsTable } from "../test/interop/clients-table.ts";

const page = new URL("../docs/clients.md", import.meta.url);
const filled = readFileSync(page, "utf8").replace(
  /(<!-- clients -->\n\n)[\s\S]*?(\n\n<!-- end of clients -->)/,
  (_, before, after) => before + clientsTable(CLIENTS) + after,
);
writeFileSync(page, filled);
