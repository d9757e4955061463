import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { SimulatorService } from "longrunning/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { folderWithCurl } from "./folder-with-curl.ts";
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
});

function transportTo(baseUrl: string) {
  return createConnectTransport({ baseUrl, httpVersion: "1.1" });
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
