import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readCommandLine } from "../../src/conformance/command-line.ts";
import { ConformanceUsageError } from "../../src/testing/index.ts";
import { type ReferenceServer, startReferenceServer } from "../examples/reference-server.ts";
import { runSource } from "../examples/source-process.ts";
import { type FaultyServer, openFaultyServer } from "./faulty-server.ts";
import { listFaults } from "./list-faults.ts";

describe("longrunning-conformance", () => {
  let server: ReferenceServer;
  let faulty: FaultyServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-conformance-"));
    await writeFile(join(folder, "a.txt"), "a");
    const flags = ["--port", "0", "--store", "memory", "--simulator", "--archive-root", folder];
    server = await startReferenceServer(...flags);
    const [fault] = listFaults["a negative page size is taken for none"] ?? [{}];
    faulty = await openFaultyServer(fault);
  });

  afterAll(async () => {
    await faulty[Symbol.asyncDispose]();
    await server.process[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("ends with 0 where the server conforms", async () => {
    expect((await run(server.url, "--protocol", "grpc", "--only", "state")).code).toBe(0);
  });

  it("shows results by protocol and topic, and how many there are", async () => {
    const { lines } = await run(server.url, "--protocol", "connect", "--only", "list/is-answered");
    expect(lines.filter((line) => line !== "").map((line) => line.trim().split(/ {2,}/)[0])).toEqual([
      "Connect",
      "ListOperations (AIP-132, AIP-158, AIP-160, AIP-217)",
      "✓ list/is-answered",
      `${server.url} conforms: 1 passed, 0 failed, 0 not applicable`,
      expect.stringMatching(/^\d+ calls over Connect$/),
    ]);
  });

  it("ends with 1 where a check fails that a server must pass", async () => {
    expect((await run(faulty.url, "--only", "list/negative-page-size-is-refused")).code).toBe(1);
  });

  it("shows of a failure what was seen, what was expected, and where it is written", async () => {
    const { lines } = await run(faulty.url, "--only", "list/negative-page-size-is-refused");
    const from = lines.indexOf("What was found");
    expect(lines.slice(from + 2, from + 8).map((line) => line.trim())).toEqual([
      "✗ list/negative-page-size-is-refused (must) over gRPC",
      "A negative page size is INVALID_ARGUMENT.",
      "saw       List with a page_size of -1: OK",
      "expected  List with a page_size of -1 answers INVALID_ARGUMENT",
      expect.stringMatching(/^AIP-158, Guidance: “If the user specifies a negative value/),
      "https://google.aip.dev/158#guidance",
    ]);
  });

  it("prints JSON that says the same", async () => {
    const { lines } = await run(faulty.url, "--json", "--only", "list/negative-page-size-is-refused");
    const { conforms, counts, results } = JSON.parse(lines.join("\n"));
    expect([conforms, counts, results[0].id, results[0].outcome]).toEqual([
      false,
      { passed: 0, failed: 1, notApplicable: 0 },
      "list/negative-page-size-is-refused",
      "failed",
    ]);
  });

  it("says why a check is not applicable", async () => {
    const { lines } = await run(server.url, "--protocol", "grpc", "--only", "auth");
    expect(lines.join("\n")).toContain("– auth/… (2 checks)                       no credentials are given");
  });

  it("starts operations as it is told to", async () => {
    const start = [
      "--start",
      "longrunning.testing.v1.SimulatorService/SimulateWork",
      "--lasts",
      '{"duration":"60s"}',
    ];
    const only = ["--only", "cancel/ends-as-cancelled"];
    expect((await run(server.url, "--protocol", "rest", ...start, ...only)).lines).toContainEqual(
      expect.stringContaining("✓ cancel/ends-as-cancelled"),
    );
  });

  it("finds a method by the server's reflection", async () => {
    const start = ["--start", "archive.v1.ArchiveService/CompressFile", "--succeeds", '{"path":"a.txt"}'];
    expect(
      (await run(server.url, ...start, "--protocol", "grpc", "--only", "state/types-are-as-declared")).code,
    ).toBe(0);
  });

  it("lists its checks", async () => {
    expect((await run("--list")).lines).toContain("  wait/keeps-to-its-timeout (must)");
  });

  it("prints its options", async () => {
    const { code, lines } = await run("--help");
    expect([code, lines[0]]).toEqual([0, "usage: longrunning-conformance [options] URL"]);
  });

  it("ends with 2 and one line on stderr where it cannot be understood", async () => {
    expect(await run("here")).toEqual({
      code: 2,
      lines: ['"here" is not the address of a server; http://127.0.0.1:8080 is one'],
    });
  });

  it("ends with 2 and one line where nothing but a web server answers", async () => {
    const web = createServer((_, response) => response.writeHead(404).end("no such page"));
    await once(web.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
    const { code, lines } = await run(url);
    web.close();
    expect([code, lines]).toEqual([2, [expect.stringMatching(/^the server does not tell by reflection/)]]);
  });
});

describe("its arguments", () => {
  it.each([
    [[], "no URL is given; --help lists the options"],
    [["http://127.0.0.1:1", "http://127.0.0.1:2"], '"http://127.0.0.1:2" is one URL too many'],
    [["http://127.0.0.1:1", "--nonsense"], "Unknown option '--nonsense'; --help lists the options"],
    [
      ["http://127.0.0.1:1", "--protocol", "soap"],
      '--protocol "soap" is none of grpc, connect, grpc-web, rest',
    ],
    [
      ["http://127.0.0.1:1", "--timeout", "soon"],
      '--timeout "soon" is not a duration such as 500ms, 30s or 2m',
    ],
    [["http://127.0.0.1:1", "--header", "secret"], "--header is not NAME:VALUE"],
    [["http://127.0.0.1:1", "--succeeds", "{}"], "--succeeds needs --start: how operations are started"],
    [
      ["http://127.0.0.1:1", "--start", "work", "--succeeds", "{}"],
      '--start "work" is no method; pkg.Service/Method and "POST /v1/things" are',
    ],
    [
      ["http://127.0.0.1:1", "--start", "a.B/C"],
      "--start needs --succeeds, --fails or --lasts: what it is called with",
    ],
    [["http://127.0.0.1:1", "--start", "a.B/C", "--succeeds", "[]"], '--succeeds "[]" is no JSON object'],
  ])("are refused where they are %j", async (args, message) => {
    await expect(readCommandLine(args)).rejects.toThrow(new ConformanceUsageError(message));
  });
});

async function run(
  ...args: string[]
): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  await using command = runSource("src/conformance/main.ts", args);
  return { code: await command.exit(), lines: command.lines };
}
