import { execFile, spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../examples/source-process.ts";
import { type OpenServer, openServer } from "../server/open-server.ts";
import { openConfigFolder } from "./config-folder.ts";
import { environment, PROGRAM, runCli } from "./run-cli.ts";
import { keep, keepSamples } from "./sample-operations.ts";
import { openSilentServer } from "./strange-servers.ts";

let server: OpenServer;
/** With `longrunning` in it, as an installed package has it on the path. */
let bin: string;

beforeAll(async () => {
  server = await openServer();
  await keepSamples(server.store);
  await keep(server.store, "elsewhere:1", 9);
  bin = await mkdtemp(join(tmpdir(), "longrunning-bin-"));
  const words = PROGRAM.map((word) => `'${word.replace("./", root).replace(/^src/, `${root}src`)}'`);
  await writeFile(join(bin, "longrunning"), `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`);
  await chmod(join(bin, "longrunning"), 0o755);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(bin, { recursive: true });
});

describe("what is completed", () => {
  it.each([
    [["li"], ["list"]],
    [["wait", "--ti"], ["--timeout"]],
    [["wait", "--prot"], ["--protocol"]],
    [
      ["list", "--output", ""],
      ["table", "yaml", "json"],
    ],
    [["list", "-o", "j"], ["json"]],
    [
      ["--protocol", "g"],
      ["grpc", "grpc-web"],
    ],
    [["completion", "z"], ["zsh"]],
    [["list", "--ca", ""], [":files"]],
    [["serve", "--tls-key", ""], [":files"]],
    [["list", "nothing"], []],
    [["nonsense", ""], []],
  ])("of %j is %j", async (words, candidates) => {
    expect(await completed(...words)).toEqual(candidates);
  });

  it("has all commands, and not the one that completes", async () => {
    expect(await completed("")).toEqual([
      ...["serve", "get", "list", "wait", "cancel", "delete", "simulate", "config", "completion"],
    ]);
  });

  it("has operations by their short names", async () => {
    expect(await completed("--server", server.url, "get", "re")).toEqual(["refused"]);
  });

  it("has operations by their whole names where these are typed", async () => {
    expect(await completed("get", "--server", server.url, "operations/re")).toEqual(["operations/refused"]);
  });

  it.each(["wait", "cancel"])("has for %s those that run", async (command) => {
    expect(await completed(command, "--server", server.url, "")).toEqual([
      ...["elsewhere:1", "waiting", "stopping", "running"],
    ]);
  });

  it("has further operations where a command takes many", async () => {
    expect(await completed("delete", "--server", server.url, "one", "f")).toEqual(["finished"]);
  });

  it("has no names that a shell would run", async () => {
    await using hostile = await openServer();
    await keep(hostile.store, "$(touch here)", 1);
    await keep(hostile.store, "a;b", 1);
    expect(await completed("get", "--server", hostile.url, "")).toEqual(["running"]);
  });

  it("has the profiles of the file", async () => {
    await using folder = await openConfigFolder("profiles: {here: {}, there: {}}");
    expect((await runCli(["__complete", "--", "list", "--profile", "t"], folder.env)).out).toBe("there\n");
  });

  it.each([
    ["nothing listens", async () => ({ url: "http://127.0.0.1:1", [Symbol.asyncDispose]: async () => {} })],
    ["a server never answers", openSilentServer],
  ])("is nothing, without a word, where %s", async (_, open) => {
    await using other = await open();
    expect(await runCli(["__complete", "--", "get", "--server", other.url, ""])).toEqual({
      ...{ code: 0, out: "", err: "" },
    });
  });

  it("is nothing, without a word, where the file cannot be read", async () => {
    await using folder = await openConfigFolder("[");
    expect(await runCli(["__complete", "--", "get", ""], folder.env)).toEqual({ code: 0, out: "", err: "" });
  });
});

describe("bash", () => {
  it.each([
    ["longrunning wa", "wait"],
    ["longrunning get --server URL re", "refused"],
    ["longrunning list --output ", "table yaml json"],
    ["longrunning list --ca packa", "package.json package-lock.json"],
  ])("completes %j with %j", async (line, candidates) => {
    const words = line.replace("URL", server.url).split(" ");
    const script = `
      source <(longrunning completion bash)
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
      COMP_CWORD=${words.length - 1}
      _longrunning
      echo "\${COMPREPLY[@]}"`;
    expect((await inShell("bash", "-c", script)).split(" ").sort()).toEqual(candidates.split(" ").sort());
  });

  it("knows whom to ask", async () => {
    const script = "source <(longrunning completion bash); complete -p longrunning";
    expect(await inShell("bash", "-c", script)).toBe("complete -F _longrunning longrunning");
  });
});

const LINES: readonly (readonly [string, string])[] = [
  ["longrunning wa", "wait"],
  ["longrunning get --server URL re", "refused"],
  ["longrunning list --output ", "json table yaml"],
];

describe.skipIf(!isThere("zsh"))("zsh", () => {
  it.each(LINES)("completes %j with %j", async (line, candidates) => {
    const words = line.replace("URL", server.url).split(" ");
    // Outside of an editor there is no compadd: this one tells what it is given.
    const script = `
      compdef() { }
      compadd() { shift; print -r -- "\${(o)@}" }
      source <(longrunning completion zsh)
      words=(${words.map((word) => `'${word}'`).join(" ")})
      CURRENT=${words.length}
      _longrunning`;
    expect((await inShell("zsh", "-f", "-c", script)).split(" ").sort()).toEqual(candidates.split(" "));
  });
});

describe.skipIf(!isThere("fish"))("fish", () => {
  it.each(LINES)("completes %j with %j", async (line, candidates) => {
    const typed = line.replace("URL", server.url);
    const script = `longrunning completion fish | source; complete -C "${typed}"`;
    expect((await inShell("fish", "--no-config", "-c", script)).split("\n").sort()).toEqual(
      candidates.split(" "),
    );
  });
});

function isThere(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

async function completed(...words: string[]): Promise<readonly string[]> {
  const { out } = await runCli(["__complete", "--", ...words]);
  return out.split("\n").slice(0, -1);
}

async function inShell(file: string, ...args: string[]): Promise<string> {
  const env = { ...environment(), PATH: `${bin}:${process.env["PATH"]}` };
  const { stdout } = await promisify(execFile)(file, args, { cwd: root, env });
  return stdout.trim();
}
