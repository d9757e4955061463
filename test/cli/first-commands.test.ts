import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { listeningUrl, root, runShell } from "../examples/source-process.ts";

const page = readFileSync(join(root, "docs/command-line.md"), "utf8");
const [serve = "", wait = ""] = Array.from(page.matchAll(/^```sh\n(.*?)^```$/gms), ([, block]) => block);

/** A folder whose npx runs the program of these sources. */
const folder = mkdtempSync(join(tmpdir(), "longrunning-npx-"));
const program = `"${process.execPath}" --import "${root}scripts/run-from-source.js" "${root}src/cli/main.ts"`;
writeFileSync(join(folder, "npx"), `#!/bin/sh\nshift\nexec ${program} "$@"\n`, { mode: 0o755 });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("does what the page begins with: one terminal serves, and another one waits", async () => {
  const path = `PATH="${folder}:$PATH"; export PATH;`;
  await using server = runShell(`${path} ${serve.trim()} --port 0 --store memory`, folder);
  const url = await listeningUrl(server);
  await using waiting = runShell(
    `${path} export LONGRUNNING_SERVER=${url}; ${wait.replace("30s", "1s")}`,
    folder,
  );
  expect([await waiting.exit(), waiting.lines.at(-1)]).toEqual([
    0,
    '"@type": type.googleapis.com/longrunning.testing.v1.SimulateWorkResponse',
  ]);
});
