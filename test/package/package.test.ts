import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snippetWith, tryOut } from "../examples/readme-snippets.ts";
import { listeningUrl, runNode, type SourceProcess } from "../examples/source-process.ts";
import { describeEntryPoints } from "./entry-points.ts";
import {
  bin,
  copyGoogleProtos,
  envWithBin,
  installPackage,
  modules,
  packPackage,
  root,
} from "./packed-package.ts";
import { describeTutorial } from "./tutorial.ts";

const run = promisify(execFile);

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrunning-consumer-"));
  tarball = await packPackage(folder);
  await cp(fileURLToPath(new URL("consumer", import.meta.url)), folder, { recursive: true });
  await copyGoogleProtos(join(folder, "google-protos"));
  await installPackage(tarball, folder);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

it("works in a project with generated code of its own, without a cast", async () => {
  await run(join(bin, "buf"), ["generate"], { cwd: folder, env: envWithBin() });
  await run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", folder]);
  const { stdout } = await run(process.execPath, [join(folder, "out/main.js")], { cwd: folder });
  expect(JSON.parse(stdout)).toEqual({ uri: "reports/3", pagesDone: 3, done: true, listed: 1, clock: 0 });
}, 120_000);

it.each(["longrunning", "longrunning-server", "longrunning-conformance"])(
  "has the program %s",
  async (program) => {
    const installed = join(folder, "node_modules/longrunning");
    const { bin }: { bin: Record<string, string> } = JSON.parse(
      await readFile(join(installed, "package.json"), "utf8"),
    );
    const { stdout } = await run(process.execPath, [join(installed, bin[program] ?? ""), "--help"]);
    expect(stdout).toMatch(new RegExp(`^usage: ${program} `, "i"));
  },
);

it("has the command line that the README has, by npx", async () => {
  const installed = join(folder, "node_modules/longrunning");
  const program = join(installed, "dist/longrunning.js");
  // As npm links a program that it installs.
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  await chmod(program, 0o755);
  await symlink(program, join(folder, "node_modules/.bin/longrunning"));
  await using server = runNode([program, "serve", "--simulator", "--port", "0", "--store", "memory"]);
  const snippet = snippetWith("npm run -s longrunning --").replaceAll(
    "npm run -s longrunning --",
    "npx longrunning",
  );
  const prints = [/testing\.v1\.SimulateWorkResponse$/, /^operations\/\w+ +SUCCEEDED /];
  await tryOut(snippet, { prints, goesOn: true }, await listeningUrl(server), { cwd: folder });
}, 90_000);

describe("the console that it was packed with", () => {
  let server: SourceProcess;
  let url: string;

  beforeAll(async () => {
    const main = join(folder, "node_modules/longrunning/dist/longrunning-server.js");
    server = runNode([main, "--port", "0", "--store", "memory"], {}, folder);
    url = await listeningUrl(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it("is served", async () => {
    expect(await (await fetch(url)).text()).toContain("<title>Operations</title>");
  });

  it("takes less than 150 KB to load", async () => {
    const page = await (await fetch(url)).text();
    const files = Array.from(
      page.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g),
      ([, file]) => `${url}/${file}`,
    );
    const sizes = files.map(async (file) => {
      const { headers } = await fetch(file, { headers: { "accept-encoding": "gzip" } });
      return headers.get("content-encoding") === "gzip" ? Number(headers.get("content-length")) : Infinity;
    });
    const bytes = (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0);
    expect([files.length, bytes < 150_000]).toEqual([3, true]);
  });
});

it("is smaller than 400 KB", async () => {
  const { size } = await stat(tarball);
  expect(size).toBeLessThan(400_000);
});

it("has the scripts of all threads beside what starts them", async () => {
  const sources = globSync("src/**/*-thread.ts", { cwd: root }).map((path) => basename(path, ".ts"));
  const scripts = globSync("dist/*-thread.js", { cwd: join(folder, "node_modules/longrunning") });
  expect(scripts.map((path) => basename(path, ".js")).sort()).toEqual(sources.sort());
});

it("has doc comments for editors", async () => {
  const declarations = join(folder, "node_modules/longrunning/dist/src/client/operation-handle.d.ts");
  expect(await readFile(declarations, "utf8")).toMatch(/ \*\/\n +result\(/);
});

it("names functions and classes in stack traces", async () => {
  const script = `import { createOperations, MemoryStore } from "longrunning";
    createOperations({ store: new MemoryStore(), pageTokenKeys: [] });`;
  const { stderr } = await run(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: folder,
  }).catch((error: { stderr: string }) => error);
  expect(stderr).toMatch(/at createOperations \(.*longrunning\/dist\/[\w-]+\.js:\d+:\d+\)/);
});

describeEntryPoints(() => tarball);

describeTutorial(() => tarball);

it("keeps tests, examples and sources out of the tarball", async () => {
  const files = await readdir(join(folder, "node_modules/longrunning"));
  expect(files.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"]);
});
