import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryPoints } from "../../scripts/package-entries.js";
import { root } from "../examples/source-process.ts";

describe("the reference", () => {
  let folder: string;
  let told: SpawnSyncReturns<string>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "longrunning-reference-"));
    const args = [join(root, "scripts/reference.js"), "--out", folder];
    told = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is written without a complaint of an export without its sentence, or a link that leads nowhere", () => {
    expect(told.status, told.stdout + told.stderr).toBe(0);
  });

  it("has a page for each entry point", () => {
    const pages = entryPoints.map(({ specifier }) => `${specifier.replace("/", "_")}.html`);
    expect(readdirSync(join(folder, "modules")).sort()).toEqual(pages.sort());
  });

  it("says of a method what its comment says", () => {
    expect(textOf("classes/longrunning.OperationHandle.html")).toContain(
      "Waits until the operation is done, and answers its response.",
    );
  });

  it("leads from longrunning/client to what longrunning has too", () => {
    const page = readFileSync(join(folder, "modules/longrunning_client.html"), "utf8");
    expect(page).toContain('href="../classes/longrunning.OperationHandle.html"');
  });

  function textOf(page: string): string {
    return readFileSync(join(folder, page), "utf8").replace(/<[^>]*>/g, "");
  }
});
