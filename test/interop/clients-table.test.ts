import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Client } from "./client.ts";
import { CLIENTS } from "./clients.ts";
import { clientsTable } from "./clients-table.ts";
import { root } from "./run-command.ts";

const page = readFileSync(join(root, "docs/clients.md"), "utf8");

describe("the table of clients", () => {
  it("stands in docs/clients.md as the clients are tested", () => {
    expect(page).toContain(clientsTable(CLIENTS));
  });

  it("has a cross for what a run did not show, whatever was expected of it", () => {
    const table = clientsTable([clientWithoutWait], (_, behaviour) => behaviour === "start");
    expect(table.trim().split("\n").at(-1)).toBe(`| one | ✓ |${" ✗ |".repeat(11)}`);
  });

  it("gives the reason of what a client cannot be asked to", () => {
    expect(clientsTable([clientWithoutWait])).toMatch(/– \[1\][\s\S]*\n1\. it only polls$/);
  });
});

describe("docs/clients.md", () => {
  it.each(snippets())("quotes $file", ({ file, code }) => {
    expect(readFileSync(join(root, file), "utf8")).toContain(code);
  });
});

const clientWithoutWait: Client = {
  id: "one",
  title: "one",
  install: async () => {},
  program: () => ({ file: "true", args: [] }),
  deviations: { wait: { why: "it only polls" } },
};

/** The pieces of code of the page, each behind a comment that names the program that they are from. */
function snippets(): readonly { readonly file: string; readonly code: string }[] {
  return [...page.matchAll(/<!-- (\S+) -->\n```\w+\n([\s\S]*?)```/g)].map(([, file = "", code = ""]) => ({
    file,
    code,
  }));
}
