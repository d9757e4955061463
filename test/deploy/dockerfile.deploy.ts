import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { listeningUrl, root, runNode, type SourceProcess } from "../examples/source-process.ts";
import { openEmptyDatabase } from "../postgres/postgres-server.ts";
import { execForm, parseDockerfile } from "./dockerfile.ts";
import { type FollowedStage, followStage } from "./followed-stage.ts";

const run = promisify(execFile);

describe("the Dockerfile, followed step by step", () => {
  let folder: string;
  let image: FollowedStage;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-image-"));
    image = await follow(folder);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** The server as a container runs it: its files are below the image's root, and this machine alone reaches it. */
  function start(args: readonly string[], env: Record<string, string> = {}): SourceProcess {
    const [node, ...entry] = execForm(image.last.get("ENTRYPOINT")?.rest ?? "[]");
    expect(node).toBe("node");
    const here = args.map((arg) => arg.replace("sqlite:/", `sqlite:${image.root}/`));
    const ours = { ...image.env, HOST: "127.0.0.1", PORT: "0", ...env };
    return runNode([...entry, ...here], ours, image.folder);
  }

  async function isHealthy(port: string): Promise<boolean> {
    const [, command = ""] = /CMD (.*)/.exec(image.last.get("HEALTHCHECK")?.rest ?? "") ?? [];
    const [, ...args] = execForm(command);
    const asked = run(process.execPath, args, { cwd: image.folder, env: { ...process.env, PORT: port } });
    return asked.then(
      () => true,
      () => false,
    );
  }

  it("starts a server by ENTRYPOINT and CMD that its HEALTHCHECK finds serving", async () => {
    await using server = start(execForm(image.last.get("CMD")?.rest ?? "[]"));
    expect(await isHealthy(new URL(await listeningUrl(server)).port)).toBe(true);
  });

  it("is not healthy where nobody listens", async () => {
    const server = start(execForm(image.last.get("CMD")?.rest ?? "[]"));
    const { port } = new URL(await listeningUrl(server));
    await server[Symbol.asyncDispose]();
    expect(await isHealthy(port)).toBe(false);
  });

  it("does not start where other machines reach it and nobody says who may call", async () => {
    await using server = start(["--store", "memory"], { HOST: "0.0.0.0" });
    await server.line(/--insecure/);
    expect(await server.exit()).not.toBe(0);
  });

  it("serves on PostgreSQL as deploy/compose.yaml starts it", async () => {
    const compose = parse(readFileSync(join(root, "deploy/compose.yaml"), "utf8"));
    await using postgres = await openEmptyDatabase();
    const command: string[] = compose.services.server.command;
    const args = command.map((arg) => (arg.startsWith("postgres:") ? postgres.url : arg));
    await using server = start(args);
    expect(await isHealthy(new URL(await listeningUrl(server)).port)).toBe(true);
  });

  it("runs as a user that is not root", () => {
    expect(image.last.get("USER")?.rest).toBe("node");
  });

  it("lets that user read what was built", async () => {
    const { mode } = await stat(join(image.folder, "dist"));
    expect(mode & 0o005).toBe(0o005);
  });

  it("has neither tests nor compilers in it", async () => {
    const modules = await readdir(join(image.folder, "node_modules"));
    const needless = ["typescript", "rolldown", "vitest", "vite"];
    expect([await readdir(image.folder), modules.filter((name) => needless.includes(name))]).toEqual([
      ["LICENSE", "dist", "is-healthy.js", "node_modules", "package.json"],
      [],
    ]);
  });
});

/** Takes all steps of the Dockerfile on what is committed or about to be, but for what .dockerignore leaves out. */
async function follow(folder: string): Promise<FollowedStage> {
  const context = join(folder, "context");
  await copyContext(context);
  const followed = new Map<string, FollowedStage>();
  let stage: FollowedStage | undefined;
  for (const parsed of parseDockerfile(readFileSync(join(root, "Dockerfile"), "utf8"))) {
    stage = await followStage(parsed, join(folder, parsed.name), context, followed);
    followed.set(parsed.name, stage);
  }
  if (stage === undefined) throw new Error("the Dockerfile has no stage");
  return stage;
}

async function copyContext(to: string): Promise<void> {
  const listed = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  const ignored = readFileSync(join(root, ".dockerignore"), "utf8").split("\n");
  const tops = new Set(ignored.filter((line) => /^[.\w-]+$/.test(line)));
  const files = listed.stdout.trim().split("\n");
  for (const file of files.filter((file) => !tops.has(file.split("/")[0] ?? ""))) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await cp(join(root, file), join(to, file));
  }
}
