import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CLIENTS } from "./clients.ts";
import { clientsTable } from "./clients-table.ts";
import { root } from "./run-command.ts";

it("stands in docs/clients.md as the clients are tested", () => {
  const page = readFileSync(join(root, "docs/clients.md"), "utf8");
  expect(page).toContain(clientsTable(CLIENTS));
});
