import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWithCurl } from "../examples/folder-with-curl.ts";
import { listeningUrl, runNode, type SourceProcess } from "../examples/source-process.ts";
import { bin, copyGoogleProtos, envWithBin, installPackage, modules } from "./packed-package.ts";
import { TUTORIAL_FILES, TUTORIAL_PACKAGES, tutorialBlock, writeTutorial } from "./tutorial-page.ts";

const run = promisify(execFile);

/** Does what docs/tutorial.md says, in a folder of its own, with a tarball of this package. */
export function describeTutorial(tarball: () => string): void {
  describe("the tutorial", { timeout: 60_000 }, () => {
    let project: string;
    let server: SourceProcess;
    let url: string;
    let curl: string;

    beforeAll(async () => {
      project = await mkdtemp(join(tmpdir(), "longrunning-tutorial-"));
      await makeProject(project, tarball());
      curl = await folderWithCurl();
      server = start("server.ts");
      url = await listeningUrl(server);
    }, 60_000);
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      await rm(project, { recursive: true, force: true });
      await rm(curl, { recursive: true, force: true });
    });

    function start(file: string, port = "0"): SourceProcess {
      return runNode([file], { PORT: port }, project);
    }

    function startClient(rows: number): SourceProcess {
      return runNode(["client.ts", String(rows)], { SERVER: url }, project);
    }

    it("installs every package that its files import", () => {
      const imported = TUTORIAL_FILES.flatMap(({ code }) => [
        ...code.matchAll(/from "((?:@\w[\w-]*\/)?\w[\w-]*)/g),
      ]);
      const missing = imported.map(([, name = ""]) => name).filter((name) => !isInstalled(name));
      expect(missing).toEqual([]);
    });

    it("has no error of types", async () => {
      const tsc = run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", project]);
      await expect(tsc).resolves.toMatchObject({ stdout: "" });
    });

    it("starts an export with curl, and waits for it on the command line", async () => {
      const { name } = JSON.parse(await shell(tutorialBlock("curl "), url, curl));
      const [program = ""] = tutorialBlock("longrunning wait").split("\n").slice(1);
      const args = program.replace("operations/…", name).split(" ").slice(2);
      const longrunning = join(project, "node_modules/longrunning/dist/longrunning.js");
      const env = { ...process.env, LONGRUNNING_SERVER: url };
      const { stdout } = await run(process.execPath, [longrunning, ...args], { env });
      expect(stdout).toContain(`${name.replace("/", "-")}.csv`);
    });

    it("refuses an export without rows", async () => {
      await using client = startClient(0);
      await client.line(/rows must be at least 1/);
      expect(await client.exit()).toBe(1);
    });

    it("counts the rows of an export, and ends with its file", async () => {
      await using client = startClient(30);
      await client.exit();
      const rows = await linesOf(project, client.lines.at(-1)?.replace("wrote ", ""));
      expect([client.lines.at(-2), rows.length]).toEqual(["30 of 30 rows", 30]);
    });

    it("cancels at Ctrl-C, and leaves no half of a file", async () => {
      await using client = startClient(10_000);
      const name = (await client.line(/^started /)).slice("started ".length);
      await client.line(/ of 10000 rows/);
      client.process.kill("SIGINT");
      await client.exit();
      const left = (await readdir(project)).includes(`${name.replace("/", "-")}.csv`);
      expect([client.lines.at(-1), left]).toEqual(["cancelled", false]);
    });

    it("goes on with an export when its server was killed", async () => {
      await using client = startClient(100);
      await client.line(/ of 100 rows/);
      server.process.kill("SIGKILL");
      await server.exit();
      server = start("server.ts", new URL(url).port);
      await listeningUrl(server);
      expect([await client.exit(), client.lines.at(-1)]).toEqual([0, expect.stringMatching(/^wrote /)]);
    });

    it("serves the same in Fastify", async () => {
      server.process.kill("SIGTERM");
      await server.exit();
      server = start("fastify.ts");
      url = await listeningUrl(server);
      await using client = startClient(10);
      expect([await client.exit(), client.lines.at(-1)]).toEqual([0, expect.stringMatching(/^wrote /)]);
    });
  });
}

/** The first steps: the files of the page, the packages that it installs, and the code that it generates. */
async function makeProject(project: string, tarball: string): Promise<void> {
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeTutorial(project);
  await copyGoogleProtos(join(project, "node_modules/google-proto-files"));
  const elsewhere = ["longrunning", "google-proto-files"];
  await installPackage(
    tarball,
    project,
    TUTORIAL_PACKAGES.filter((name) => !elsewhere.includes(name)),
  );
  const generate = tutorialBlock("buf generate").trim().split(" ").slice(2);
  await run(join(bin, "buf"), generate, { cwd: project, env: envWithBin() });
}

function isInstalled(name: string): boolean {
  return name.startsWith("node") || TUTORIAL_PACKAGES.includes(name);
}

async function shell(snippet: string, url: string, bin: string): Promise<string> {
  const script = snippet.replaceAll("http://127.0.0.1:8080", url);
  const env = { ...process.env, PATH: [bin, process.env["PATH"]].join(delimiter) };
  return (await run("sh", ["-euc", script], { env })).stdout;
}

async function linesOf(project: string, file = ""): Promise<string[]> {
  return readFileSync(join(project, file), "utf8").trimEnd().split("\n");
}
