import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "longrunning-consumer-"));
  await installPackedTarball(folder);
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

it("keeps tests, examples and sources out of the tarball", async () => {
  const files = await readdir(join(folder, "node_modules/longrunning"));
  expect(files.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "dist", "package.json"]);
});

/** A project that has installed the package as npm would, with what it depends on, and its peers. */
async function installPackedTarball(project: string): Promise<void> {
  await cp(fileURLToPath(new URL("consumer", import.meta.url)), project, { recursive: true });
  for (const folder of ["longrunning", "rpc", "api"]) {
    await cp(
      join(modules, "google-proto-files/google", folder),
      join(project, "google-protos/google", folder),
      {
        recursive: true,
        filter: (path) => !/\/(context|apikeys|cloudquotas|expr|service\w+)$/.test(path),
      },
    );
  }
  await run("npm", ["pack", "--silent", "--pack-destination", project], { cwd: root, env: envWithBin() });
  const tarball = (await readdir(project)).find((file) => file.endsWith(".tgz"));
  const installed = join(project, "node_modules/longrunning");
  await mkdir(installed, { recursive: true });
  await run("tar", ["-xzf", join(project, tarball ?? ""), "-C", installed, "--strip-components=1"]);
  const own = ["commander", "rate-limiter-flexible", "yaml"];
  for (const needed of [...own, "@bufbuild", "@connectrpc", "@types", "undici-types"]) {
    await symlink(join(modules, needed), join(project, "node_modules", needed));
  }
}

function envWithBin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${bin}:${process.env["PATH"]}` };
}
