import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listeningUrl, root, runNode, runShell, type SourceProcess } from "../examples/source-process.ts";
import { packPackage } from "../package/packed-package.ts";
import { tutorialBlock, writeTutorial } from "../package/tutorial-page.ts";
import { keepPicture } from "./keep-picture.ts";
import { HTTP1 } from "./matrix.ts";
import { useBrowser } from "./use-browser.ts";

const run = promisify(execFile);

const browser = useBrowser(HTTP1);

describe("a newcomer", () => {
  let folder: string;
  let clone: string;
  let server: SourceProcess | undefined;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-newcomer-"));
    clone = join(folder, "longrunning");
    await cloneTo(clone);
    server = runShell(`${firstCommand()} -- --port 0`, clone);
    url = await listeningUrl(server);
  }, 180_000);
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("starts an operation in the page, sees it move, and cancels it", async () => {
    const page = await browser().newPage();
    await page.goto(url);
    await page.getByText("No operations yet.").waitFor();
    await keepPicture(page, "newcomer-1-page");
    await page.getByRole("button", { name: "Simulate…" }).click();
    await page.getByLabel("Seconds").fill("200");
    await page.getByLabel("Steps").fill("2000");
    await keepPicture(page, "newcomer-2-simulate");
    await page.getByRole("button", { name: "Start", exact: true }).click();
    const bar = page.getByRole("progressbar");
    const first = await percentBeyond(bar, -1);
    await keepPicture(page, "newcomer-3-started");
    const later = await percentBeyond(bar, first);
    await keepPicture(page, "newcomer-4-moved");
    await page.getByRole("button", { name: "Cancel…" }).click();
    await keepPicture(page, "newcomer-5-cancel");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel it" }).click();
    const error = page.getByRole("region", { name: "Error" });
    await error.waitFor();
    await keepPicture(page, "newcomer-6-cancelled");
    expect([later > first, later < 100, await error.locator("code").first().innerText()]).toEqual([
      true,
      true,
      "CANCELLED",
    ]);
  }, 60_000);

  it("mounts the tutorial's service in Fastify, and follows an export there", async () => {
    const tarball = await packPackage(folder, clone);
    const project = join(folder, "exports");
    await mkdir(project);
    await writeTutorial(project);
    for (const part of ["npm init", "buf generate", "npm install fastify"]) {
      await shell(await installing(tutorialBlock(part), clone, tarball), project);
    }
    await using fastify = runNode(["fastify.ts"], { PORT: "0" }, project);
    const mounted = await listeningUrl(fastify);
    const page = await browser().newPage();
    await page.goto(mounted);
    await keepPicture(page, "newcomer-7-fastify");
    await using client = runNode(["client.ts", "100"], { SERVER: mounted }, project);
    await client.exit();
    const file = client.lines.at(-1)?.replace("wrote ", "") ?? "";
    const rows = (await readFile(join(project, file), "utf8")).trimEnd().split("\n");
    expect([(await page.innerText("body")).trim(), client.lines.at(-2), rows.length]).toEqual([
      "exports",
      "100 of 100 rows",
      100,
    ]);
  }, 180_000);
});

/** Clones what is committed here. */
async function cloneTo(folder: string): Promise<void> {
  const { stdout: changes } = await run("git", ["status", "--porcelain"], { cwd: root });
  if (changes !== "") console.log(`not committed, and so not in the clone:\n${changes}`);
  await run("git", ["clone", "--quiet", root, folder]);
}

/** The command that the README begins with. */
function firstCommand(): string {
  const [, command] = /```sh\n(.*)\n```/.exec(readFileSync(join(root, "README.md"), "utf8")) ?? [];
  if (command === undefined) throw new Error("the README has no command");
  return command;
}

async function shell(script: string, cwd: string): Promise<void> {
  await run("sh", ["-euc", script], { cwd });
}

/**
 * A script that installs packages in the versions that the checkout has, whatever else is published meanwhile, and this
 * one from its tarball.
 */
async function installing(script: string, checkout: string, tarball: string): Promise<string> {
  const lines = script.split("\n").map(async (line) => {
    const [install, names] = /^(npm install) (.*)$/.exec(line)?.slice(1) ?? [];
    if (install === undefined || names === undefined) return line;
    const versions = names.split(" ").map((name) => versionIn(checkout, name, tarball));
    return [install, ...(await Promise.all(versions))].join(" ");
  });
  return (await Promise.all(lines)).join("\n");
}

async function versionIn(checkout: string, name: string, tarball: string): Promise<string> {
  if (name.startsWith("-")) return name;
  if (name === "longrunning") return tarball;
  const manifest = await readFile(join(checkout, "node_modules", name, "package.json"), "utf8");
  const { version }: { version: string } = JSON.parse(manifest);
  return `${name}@${version}`;
}

/** How far a bar is, once it is further than that. */
async function percentBeyond(bar: Locator, percent: number): Promise<number> {
  const now = async () => Number(await bar.getAttribute("aria-valuenow"));
  await bar.waitFor();
  return await vi.waitUntil(
    async () => {
      const found = await now();
      return found > percent && found > 0 ? found : undefined;
    },
    { interval: 50, timeout: 20_000 },
  );
}
