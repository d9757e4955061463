import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { OperationHandle, Operations } from "longrunning/client";
import { SimulateWork, SimulatorService } from "longrunning/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listeningUrl, root, runSource, type SourceProcess } from "./source-process.ts";

const run = promisify(execFile);
const readme = readFileSync(join(root, "README.md"), "utf8");

describe("the README", () => {
  let server: SourceProcess;
  let url: string;
  let bin: string;

  beforeAll(async () => {
    server = runSource("examples/reference-server.ts", ["--port", "0", "--store", "memory", "--simulator"]);
    url = await listeningUrl(server);
    bin = await folderWithCurl();
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(bin, { recursive: true, force: true });
  });

  it.each(examplesOf(readme))("shows $file as it is", ({ file, code }) => {
    expect(code).toBe(readFileSync(join(root, file), "utf8"));
  });

  it("shows the archive's method as its proto declares it", () => {
    const [, method = "missing"] = /```proto\n([\s\S]*?)```/.exec(readme) ?? [];
    const proto = readFileSync(join(root, "examples/archive/proto/archive/v1/archive.proto"), "utf8");
    expect(proto.replace(/^ {2}/gm, "")).toContain(method);
  });

  it("waits for its first operation with curl", async () => {
    const answer = JSON.parse(await shell(snippetWith("SimulateWork"), url, bin));
    expect(answer).toMatchObject({ done: true, response: { payload: "hello" } });
  });

  it("lists operations with buf curl", async () => {
    await createClient(SimulatorService, transportTo(url)).simulateWork({});
    const answer = JSON.parse(await shell(snippetWith("buf curl"), url, bin));
    expect(answer.operations.length).toBeGreaterThan(0);
  });

  it("waits for its first operation with the TypeScript client", async () => {
    await using client = runSource("examples/first-operation.ts", [], { SERVER: url });
    await client.exit();
    expect(client.lines.slice(-2)).toEqual(["3 of 3 steps done", "hello"]);
  });

  it.each(["connect-node", "fastify", "express"])("mounts operations in %s", async (framework) => {
    await using mounted = runSource(`examples/mount/${framework}.ts`, [], { PORT: "0" });
    const port = /port: (\d+)/.exec(await mounted.line(/port: /))?.[1];
    const transport = transportTo(`http://127.0.0.1:${port}`);
    const started = await createClient(SimulatorService, transport).simulateWork({
      duration: { nanos: 50_000_000 },
    });
    const handle = new OperationHandle(createClient(Operations, transport), SimulateWork, started);
    expect((await handle.result()).payload).toBe("");
  });
});

function transportTo(baseUrl: string) {
  return createConnectTransport({ baseUrl, httpVersion: "1.1" });
}

function examplesOf(text: string): { file: string; code: string }[] {
  const fences = text.matchAll(/<!-- (\S+\.ts) -->\n```ts\n([\s\S]*?)```/g);
  return Array.from(fences, ([, file = "", code = ""]) => ({ file, code }));
}

function snippetWith(text: string): string {
  const fences = Array.from(readme.matchAll(/```sh\n([\s\S]*?)```/g), ([, code = ""]) => code);
  return fences.find((code) => code.includes(text)) ?? "false";
}

async function shell(snippet: string, url: string, bin: string): Promise<string> {
  const script = snippet.replaceAll("http://127.0.0.1:8080", url);
  const path = [bin, join(root, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const { stdout } = await run("sh", ["-euc", script], { cwd: root, env: { ...process.env, PATH: path } });
  return stdout;
}

/** A folder with a stand-in for curl, for machines that have none: it knows the options of the README. */
async function folderWithCurl(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-readme-"));
  if (
    await run("curl", ["--version"]).then(
      () => true,
      () => false,
    )
  )
    return folder;
  const script = `#!${process.execPath}
const { values, positionals } = require("node:util").parseArgs({
  allowPositionals: true,
  options: { s: { type: "boolean", short: "s" }, H: { type: "string", short: "H" }, d: { type: "string", short: "d" } },
});
const [name, value] = values.H.split(": ");
fetch(positionals[0], { method: "POST", headers: { [name]: value }, body: values.d })
  .then((answer) => answer.text())
  .then((text) => process.stdout.write(text));
`;
  await writeFile(join(folder, "curl"), script);
  await chmod(join(folder, "curl"), 0o755);
  return folder;
}
