import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryPoints } from "../../scripts/package-entries.js";
import { installPackage, packPackage, root } from "../package/packed-package.ts";

const run = promisify(execFile);

/** What the entry points need beside the package and its peers that are not optional. */
const OPTIONAL = [
  ...["bullmq", "ioredis", "jose", "pg", "react", "@connectrpc/connect-query", "@tanstack/react-query"],
  ...["@opentelemetry/api", "@opentelemetry/exporter-prometheus", "@opentelemetry/sdk-metrics"],
];

describe("the oldest Node that the package promises", () => {
  let folder: string;
  let node: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-oldest-node-"));
    const { engines } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    node = await installNode(join(folder, "node"), engines.node.replace(">=", ""));
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await installPackage(await packPackage(folder), folder, OPTIONAL);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(entryPoints.map(({ specifier }) => specifier))("loads %s", async (specifier) => {
    const script = `console.log(Object.keys(await import("${specifier}")).length > 0)`;
    const { stdout } = await run(node, ["--input-type=module", "--eval", script], { cwd: folder });
    expect(stdout).toBe("true\n");
  });

  it.each(["longrunning", "longrunning-server", "longrunning-conformance"])("runs %s", async (program) => {
    const { stdout } = await run(node, [programFile(program), "--help"], { cwd: folder });
    expect(stdout).toMatch(new RegExp(`^usage: ${program} `, "i"));
  });

  it("runs work, and waits for it, from the command line", async () => {
    const serving = run(node, [programFile("longrunning"), ...SERVE], { cwd: folder });
    const ended = serving.catch(() => {});
    try {
      const url = await listening(serving.child);
      const args = [programFile("longrunning"), "--server", url, ...SIMULATE];
      const { stdout } = await run(node, args, { cwd: folder });
      expect(JSON.parse(stdout).payload).toBe("done");
    } finally {
      serving.child.kill("SIGKILL");
      await ended;
    }
  });

  function programFile(program: string): string {
    return join(folder, "node_modules/longrunning/dist", `${program}.js`);
  }
});

const SERVE = ["serve", "--simulator", "--port", "0", "--store", "memory"];
const SIMULATE = ["simulate", "--duration", "0s", "--payload", "done", "--wait", "-o", "json"];

/** Installs a version of Node from npm's registry. Answers its program. */
async function installNode(folder: string, version: string): Promise<string> {
  await mkdir(folder);
  await writeFile(join(folder, "package.json"), '{ "allowScripts": { "node": true } }');
  await run("npm", ["install", "--no-audit", "--no-fund", `node@${version}`], { cwd: folder });
  const node = join(folder, "node_modules/node/bin/node");
  expect((await run(node, ["--version"])).stdout.trim()).toMatch(new RegExp(`^v${version}\\b`));
  return node;
}

/** Where a server listens, once it says so. */
async function listening({ stdout }: { readonly stdout: NodeJS.ReadableStream | null }): Promise<string> {
  let text = "";
  for await (const piece of stdout ?? []) {
    text += piece;
    const [, url] = /^listening on (\S+)$/m.exec(text) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error(`the server ended: ${text}`);
}
