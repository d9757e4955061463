import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../../scripts/check-release.js", import.meta.url));

it("goes on where tag, version and changelog agree", async () => {
  expect(await faultsOf("v1.2.3", "## 1.2.3 (2026-11-21)")).toBe("");
});

it.each([
  ["is tagged with another version", "v1.2.4", "## 1.2.3 (2026-11-21)", 'the tag is "v1.2.4"'],
  ["has a changelog without its date", "v1.2.3", "## 1.2.3 (unreleased)", "(unreleased)"],
  ["has a changelog of another version", "v1.2.3", "## 1.2.2 (2026-11-21)", "## 1.2.2"],
])("is refused where it %s", async (_, tag, heading, fault) => {
  expect(await faultsOf(tag, heading)).toContain(fault);
});

/** What the check says of a tag in a repository of version 1.2.3. */
async function faultsOf(tag: string, heading: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-release-"));
  try {
    await mkdir(join(folder, "scripts"));
    await cp(script, join(folder, "scripts/check-release.js"));
    await writeFile(join(folder, "package.json"), '{"type":"module","version":"1.2.3"}');
    await writeFile(join(folder, "CHANGELOG.md"), `# Changelog\n\n${heading}\n\n- A line.\n\n## 0.1.0\n`);
    const checked = run(process.execPath, [join(folder, "scripts/check-release.js"), tag]);
    return await checked.then(
      () => "",
      (error: { stderr: string }) => error.stderr,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
