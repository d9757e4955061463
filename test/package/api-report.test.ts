import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { changesBetween, summaryOf, untold } from "../../scripts/api-report/api-changes.js";
import { type Report, reportOf } from "../../scripts/api-report/report.js";

describe("the report of the public API", () => {
  it("has declarations without their comments", async () => {
    const { pages } = await reportOn({
      "index.d.ts": "/** Opens it. */\nexport declare function open(): void;",
    });
    expect(pages.get("house.md")).toContain("```ts\nexport declare function open(): void;\n```");
  });

  it("sorts names, wherever they are declared", async () => {
    const { declarations } = await reportOn({
      "index.d.ts": 'export { b, d as a } from "./rooms.ts";\nexport * from "./stairs.ts";',
      "rooms.d.ts": "export declare const b: 1;\ndeclare const d: 2;\nexport { d };",
      "stairs.d.ts": "export declare const c: 3;",
    });
    expect([...declarations.keys()]).toEqual(["house a", "house b", "house c"]);
  });

  it("has all overloads of a function", async () => {
    const { declarations } = await reportOn({
      "index.d.ts": "export declare function f(a: 1): 1;\nexport declare function f(a: 2): 2;",
    });
    expect(declarations.get("house f")).toMatch(/a: 1[\s\S]*a: 2/);
  });

  it("has what the exported declarations mention, though nobody can import it", async () => {
    const { pages } = await reportOn({
      "index.d.ts": 'import type { Door } from "./door.ts";\nexport declare function open(door: Door): void;',
      "door.d.ts": "export interface Door { lock: Lock }\ninterface Lock { locked: boolean }",
    });
    expect(pages.get("mentioned.md")).toMatch(/interface Door [\s\S]*interface Lock /);
  });

  it("says where an entry point exports again what another one does", async () => {
    const { declarations } = await reportOn({
      "index.d.ts": 'export * from "./client.ts";\nexport declare const more: 1;',
      "client.d.ts": "export declare const handle: 1;",
    });
    expect(declarations.get("house handle")).toBe("// handle: as in house/client");
  });
});

describe("a change of the public API", () => {
  it.each([
    ["added", {}, { "house open": "1" }],
    ["changed", { "house open": "1" }, { "house open": "2" }],
    ["removed", { "house open": "1" }, {}],
  ])("is seen where a name is %s", (how, before, now) => {
    expect(changesBetween(summary(before), summary(now))).toEqual([
      { how, specifier: "house", name: "open" },
    ]);
  });

  it.each([
    ["no word of it", "- `openAll` is there.", ["open"]],
    ["its name in an older part", "- Nothing.\n\n## 0.1.0\n\n- `open` is there.", ["open"]],
    ["its name", "- `open` is there.", []],
  ])("is complained of as it should be where the changelog has %s", (_, lines, names) => {
    const published = summary({ "house close": "1" });
    const present = summary({ "house close": "1", "house open": "1" });
    const complaints = untold(changesBetween(published, present), published, changelog(lines));
    expect(complaints.map(({ name }) => name)).toEqual(names);
  });

  it("that comes with a new entry point is told by naming that", () => {
    const present = summary({ "house/cellar open": "1" });
    const complaints = untold(changesBetween("", present), "", changelog("- `house/cellar` is there."));
    expect(complaints).toEqual([]);
  });
});

/** The report on declaration files, the entry points of which are index.d.ts and, where there is one, client.d.ts. */
async function reportOn(files: Record<string, string>): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-api-"));
  try {
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    const entries = [
      { specifier: "house", declarations: "index.d.ts" },
      { specifier: "house/client", declarations: "client.d.ts" },
    ];
    return reportOf(
      folder,
      entries.filter(({ declarations }) => declarations in files),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function summary(declarations: Record<string, string>): string {
  return summaryOf(new Map(Object.entries(declarations)));
}

function changelog(lines: string): string {
  return `# Changelog\n\n## 0.2.0 (unreleased)\n\n${lines}\n`;
}
