import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { entryPoints } from "../../scripts/package-entries.js";
import { installPackage, modules } from "./packed-package.ts";

const run = promisify(execFile);

/** What an entry point needs beside the package and its peers that are not optional. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  longrunning: [],
  "longrunning/bullmq": ["bullmq", "ioredis"],
  "longrunning/client": [],
  "longrunning/jwt": ["jose"],
  "longrunning/postgres": ["pg"],
  "longrunning/prometheus": [
    "@opentelemetry/api",
    "@opentelemetry/exporter-prometheus",
    "@opentelemetry/sdk-metrics",
  ],
  "longrunning/react": ["@connectrpc/connect-query", "@tanstack/react-query", "react"],
  "longrunning/sqlite": [],
  "longrunning/telemetry": ["@opentelemetry/api"],
  "longrunning/testing": [],
};

/** Declarations that users of a package without its own install beside it. */
const TYPES: Readonly<Record<string, string>> = { pg: "@types/pg", react: "@types/react" };

/** What a server says of a package that it needs and has not got. */
const ASKED = [
  ["--store postgres://me@127.0.0.1/db", "npm install pg"],
  ["--engine redis://127.0.0.1", "npm install bullmq ioredis"],
  ["--jwt-issuer https://127.0.0.1 --jwt-audience me --jwt-keys https://127.0.0.1", "npm install jose"],
  ["--telemetry", "npm install @opentelemetry/api"],
  [
    "--metrics 0",
    "npm install @opentelemetry/api @opentelemetry/sdk-metrics @opentelemetry/exporter-prometheus",
  ],
  ["--log-format json", "npm install pino @opentelemetry/api"],
] as const;

const specifiers = entryPoints.map(({ specifier }) => specifier);

/** Installs a tarball of this package in two projects: in one with what each entry point needs, in one without. */
export function describeEntryPoints(tarball: () => string): void {
  describe("in a project without the packages that are optional", { timeout: 60_000 }, () => {
    const project = projectWith(tarball, []);

    it.each(specifiers)("%s is loaded, or says which package is missing", async (specifier) => {
      const loaded = evaluate(project(), `await import("${specifier}")`);
      const needed = NEEDS[specifier] ?? [];
      const missing = needed.map((name) => `Cannot find package '${name}'`).join("|");
      expect(await loaded.catch(({ stderr }) => stderr)).toMatch(new RegExp(missing || "^$"));
    });

    it.each(ASKED)("longrunning-server %s says what to install", async (flags, advice) => {
      const main = join(project(), "node_modules/longrunning/dist/longrunning-server.js");
      const args = [main, "--port", "0", "--store", "memory", ...flags.split(" ")];
      const ended = run(process.execPath, args, { cwd: project(), timeout: 20_000 });
      const { stderr } = await ended.catch((error: { stderr: string }) => error);
      expect(stderr).toMatch(new RegExp(`; ${advice}$`, "m"));
    });

    it.each(["nodenext", "bundler"])("has no error of types by moduleResolution %s", async (resolution) => {
      const free = specifiers.filter((specifier) => NEEDS[specifier]?.length === 0);
      expect(await typeErrors(project(), free, resolution)).toBe("");
    });
  });

  describe("in a project with all packages that are optional", { timeout: 60_000 }, () => {
    const project = projectWith(tarball, Object.values(NEEDS).flat());

    it("all entry points are loaded", async () => {
      const script = specifiers.map((specifier) => `await import("${specifier}")`).join(";");
      expect(await evaluate(project(), script)).toBe("");
    });

    it("a name that two entry points export is the same object", async () => {
      const output = await evaluate(project(), SHARED_NAMES);
      expect(JSON.parse(output)).toMatchObject({ OperationFailedError: true, differing: [] });
    });

    it("a store of another entry point has the ChangeHub of longrunning", async () => {
      const script = `import { ChangeHub } from "longrunning";
        import { SqliteStore } from "longrunning/sqlite";
        await using store = await SqliteStore.open("operations.db");
        console.log(store.changes instanceof ChangeHub);`;
      await writeFile(join(project(), "open-store.ts"), script);
      const { stdout } = await run(process.execPath, ["open-store.ts"], { cwd: project() });
      expect(stdout).toBe("true\n");
    });

    it.each(["nodenext", "bundler"])("has no error of types by moduleResolution %s", async (resolution) => {
      expect(await typeErrors(project(), specifiers, resolution)).toBe("");
    });
  });
}

/** Which names several entry points export, and of which of those the values differ. */
const SHARED_NAMES = `const all = await Promise.all(${JSON.stringify(specifiers)}.map((one) => import(one)));
  const same = {};
  for (const [name, value] of all.flatMap((one) => Object.entries(one))) {
    const values = all.filter((one) => name in one).map((one) => one[name]);
    if (values.length > 1) same[name] = values.every((other) => other === value);
  }
  console.log(JSON.stringify({ ...same, differing: Object.keys(same).filter((name) => !same[name]) }));`;

/** Makes a project before the tests, and removes it after them. */
function projectWith(tarball: () => string, others: readonly string[]): () => string {
  let project: string;
  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), "longrunning-entries-"));
    await writeFile(join(project, "package.json"), '{ "type": "module" }');
    const types = others.flatMap((name) => TYPES[name] ?? []);
    await installPackage(tarball(), project, [...others, ...types]);
  }, 60_000);
  afterAll(() => rm(project, { recursive: true, force: true }));
  return () => project;
}

/** What the script prints. Rejects with the error, and its `stderr`, where it fails. */
async function evaluate(project: string, script: string): Promise<string> {
  const args = ["--input-type=module", "--eval", script];
  return (await run(process.execPath, args, { cwd: project })).stdout;
}

/** What the compiler has to say of a file that imports all of these, and of the declarations themselves. */
async function typeErrors(project: string, imported: readonly string[], resolution: string): Promise<string> {
  const imports = imported.map((specifier, index) => `import * as e${index} from "${specifier}";\n`);
  const file = `imports-${resolution}.ts`;
  const used = imported.map((_, index) => `e${index}`).join(", ");
  await writeFile(join(project, file), `${imports.join("")}export const all = [${used}];\n`);
  const compiler = join(modules, "typescript/bin/tsc");
  const module = resolution === "bundler" ? "esnext" : resolution;
  const flags = `--noEmit --strict --target es2022 --lib es2022,esnext.disposable,dom --types node`;
  const how = `--module ${module} --moduleResolution ${resolution} --ignoreConfig ${file}`;
  const args = [compiler, ...flags.split(" "), ...how.split(" ")];
  return run(process.execPath, args, { cwd: project }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}
