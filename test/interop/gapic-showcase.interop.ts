import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConformanceReport, checkConformance } from "../../src/testing/index.ts";
import { cache, root, runCommand } from "./run-command.ts";

const sources = join(root, "test/interop/gapic-showcase");
const folder = join(cache, "gapic-showcase");
const program = join(folder, "gapic-showcase");

/**
 * What depends on chance: its WaitOperation sleeps for up to half a second, and then says by the parity of that
 * whether the operation is done.
 */
const BY_CHANCE = [
  ...["wait/running-out-of-time-is-no-error", "wait/hears-of-the-end", "wait/wakes-everyone"],
  ...["delete/releases-those-who-wait", "wait/giving-up-changes-nothing"],
];

/** What the suite finds at gapic-showcase 0.42.0, as docs/conformance-suite.md tells. */
const FOUND = {
  both: [
    ...["start/name-ends-with-an-id", "state/metadata-stays", "cancel/unknown-name-is-not-found"],
    ...["delete/unknown-name-is-not-found", "delete/forgets", "error/has-one-error-info"],
  ],
  grpc: [
    ...["wait/unknown-name-is-not-found", "wait/answers-as-get-does", "wait/does-wait"],
    ...["wait/negative-timeout-is-refused", "wait/malformed-timeout-is-refused"],
    ...["list/shows-what-was-started", "list/what-it-shows-can-be-got", "list/negative-page-size-is-refused"],
    ...["list/made-up-token-is-refused", "list/filter-is-not-ignored", "list/bad-filter-is-refused"],
    "list/partial-success-is-not-ignored",
  ],
  rest: ["list/is-answered", "rest/answers-are-json", "rest/takes-system-parameters"],
} as const;

describe("gapic-showcase, a server that nobody here wrote", () => {
  let showcase: ChildProcess;
  let report: ConformanceReport;

  beforeAll(async () => {
    await build();
    const [port, fallbackPort] = [await freePort(), await freePort()];
    const ports = ["--port", `:${port}`, "--fallback-port", `:${fallbackPort}`];
    showcase = spawn(program, ["run", ...ports], { stdio: ["ignore", "pipe", "ignore"] });
    await listening(showcase);
    report = await checkConformance({ baseUrl: `http://127.0.0.1:${port}` });
  }, 900_000);

  afterAll(async () => {
    showcase?.kill("SIGKILL");
    if (showcase?.exitCode === null) await once(showcase, "exit");
  });

  it("answers by gRPC and by REST", () => {
    expect(report.protocols).toEqual(["grpc", "rest"]);
  });

  it.each(["grpc", "rest"] as const)("deviates over %s where it is known to", (protocol) => {
    const failed = report.results.filter((one) => one.protocol === protocol && one.outcome === "failed");
    const certain = failed.map(({ id }) => id).filter((id) => !BY_CHANCE.includes(id));
    expect(certain.sort()).toEqual([...FOUND.both, ...FOUND[protocol]].sort());
  });

  it("offers no Wait by REST, which operations.proto lets it do", () => {
    const wait = report.results.filter(({ id, protocol }) => protocol === "rest" && id.startsWith("wait/"));
    expect(new Set(wait.map(({ outcome }) => outcome))).toEqual(new Set(["not applicable"]));
  });
});

/** Builds the pinned version from Go's module proxy, into a folder that is kept between runs. */
async function build(): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ["go.mod", "go.sum"]) await copyFile(join(sources, file), join(folder, file));
  const main = "github.com/googleapis/gapic-showcase/cmd/gapic-showcase";
  const env = { GOFLAGS: "-mod=readonly", GOWORK: "off" };
  await runCommand({ file: "go", args: ["build", "-o", program, main], cwd: folder, env });
}

/** It takes no port 0, and does not tell which it has. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function listening({ stdout }: ChildProcess): Promise<void> {
  let said = "";
  // The pipe stays open, for what it says later.
  for await (const chunk of stdout?.iterator({ destroyOnReturn: false }) ?? []) {
    said += chunk;
    if (said.includes("Listening for REST connections") && said.includes("Listening for gRPC connections"))
      break;
  }
  stdout?.resume();
}
