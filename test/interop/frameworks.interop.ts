import { cp, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { connectOverHttp1, describeMount } from "../examples/describe-mount.ts";
import { runNode, runSource } from "../examples/source-process.ts";
import { installPackage, modules, packPackage } from "../package/packed-package.ts";
import { installNpm } from "./install-npm.ts";
import { root, runCommand } from "./run-command.ts";

describe("NestJS", () => {
  beforeAll(() => installNpm("examples/nest"));

  describeMount({
    run: () => runSource("examples/nest/main.js", [], { PORT: "0" }),
    protocols: [connectOverHttp1],
  });
});

describe("Next", () => {
  const env = { NEXT_TELEMETRY_DISABLED: "1" };
  let project: string;
  const next = () => join(project, "node_modules/next/dist/bin/next");

  // Below this checkout, Next would take its tsconfig.json, and build its sources.
  beforeAll(async () => {
    project = await realpath(await mkdtemp(join(tmpdir(), "longrunning-next-")));
    await cp(join(root, "examples/next"), project, { recursive: true });
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    await runCommand({ file: "npm", args, cwd: project });
    await installPackage(await packPackage(project), project);
    // What Next bundles has to be in the project, and not behind a link that leads out of it.
    for (const name of ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node"]) {
      const installed = join(project, "node_modules", name);
      await rm(installed);
      await cp(join(modules, name), installed, { recursive: true });
    }
    await runCommand({ file: process.execPath, args: [next(), "build"], cwd: project, env });
  });
  afterAll(() => rm(project, { recursive: true, force: true }));

  describe.each([
    ["pages router", "/api"],
    ["App Router", "/rpc"],
  ])("with the %s", (_, prefix) => {
    describeMount({
      run: () => runNode([next(), "start", project, "-H", "127.0.0.1", "-p", "0"], env),
      protocols: [connectOverHttp1],
      prefix,
    });
  });
});
