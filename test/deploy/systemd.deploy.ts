import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../examples/source-process.ts";

const run = promisify(execFile);

/** systemd's own figure: 0 is shut off entirely, 10 is as exposed as can be. */
const MOST_EXPOSED = 2;

describe("the systemd unit", () => {
  let folder: string;
  let unit: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-unit-"));
    unit = join(folder, "longrunning.service");
    const text = await readFile(join(root, "deploy/longrunning.service"), "utf8");
    // Node is where this machine has it.
    await writeFile(unit, text.replace("/usr/bin/node", process.execPath));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it("is one that systemd understands, without a warning", async () => {
    const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", unit]);
    expect(stdout + stderr).toBe("");
  });

  it("is told of by systemd where it has a setting that is none", async () => {
    const broken = join(folder, "broken.service");
    await writeFile(broken, (await readFile(unit, "utf8")).replace("ProtectHome=yes", "ProtectHouse=yes"));
    const { stdout, stderr } = await run("systemd-analyze", ["verify", "--man=no", broken]);
    expect(stdout + stderr).toContain("ProtectHouse");
  });

  it("leaves the server few rights", async () => {
    const { stdout } = await run("systemd-analyze", ["security", "--offline=true", unit]);
    expect(Number(/exposure level .*: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThanOrEqual(MOST_EXPOSED);
  });
});
