import { globSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pruneDeclarations } from "../../scripts/prune-declarations.js";

describe("the declarations of a package", () => {
  it("are those that its entry point leads to, with their comments", async () => {
    const left = await pruned({
      "index.d.ts":
        'import type { Door, Window } from "./door.ts";\nexport declare function open(door: Door): void;\n',
      "door.d.ts":
        "/** Opens. */\nexport interface Door {\n}\n/** Does not. */\nexport interface Window {\n}\n",
      "cellar.d.ts": "export interface Cellar {\n}\n",
    });
    expect(left).toEqual({
      "index.d.ts":
        'import type { Door } from "./door.ts";\nexport declare function open(door: Door): void;\n',
      "door.d.ts": "/** Opens. */\nexport interface Door {\n}\n",
    });
  });

  it("have the way by which a name came, however often it was exported again", async () => {
    const left = await pruned({
      "index.d.ts": 'export * from "./rooms.ts";\n',
      "rooms.d.ts": 'export { type Door, Window as Pane } from "./door.ts";\n',
      "door.d.ts": "export interface Door {\n}\nexport declare class Window {\n}\ndeclare const hidden: 1;\n",
    });
    expect(left["door.d.ts"]).toBe("export interface Door {\n}\nexport declare class Window {\n}\n");
  });

  it("have what is imported where it stands", async () => {
    const left = await pruned({
      "index.d.ts": 'export declare const door: import("./door.ts").Door;\n',
      "door.d.ts": "export interface Door {\n    lock: Lock;\n}\ninterface Lock {\n}\ninterface Key {\n}\n",
    });
    expect(left["door.d.ts"]).toBe("export interface Door {\n    lock: Lock;\n}\ninterface Lock {\n}\n");
  });
});

/** What is left of declaration files whose entry point is index.d.ts. */
async function pruned(files: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-prune-"));
  try {
    for (const [file, text] of Object.entries(files)) await writeFile(join(folder, file), text);
    pruneDeclarations(folder, ["index.d.ts"]);
    const left = globSync("**/*.d.ts", { cwd: folder });
    const texts = left.map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const);
    return Object.fromEntries(await Promise.all(texts));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
