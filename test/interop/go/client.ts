import { readFileSync } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client, Deviation } from "../client.ts";
import { cache, root, runCommand } from "../run-command.ts";

const folder = join(cache, "go");
const sources = join(root, "test/interop/go");
const program = join(folder, "interop");

/** Builds the program once for all rows, beside stubs that are made from the project's own proto. */
async function install(): Promise<void> {
  await mkdir(folder, { recursive: true });
  const files = (await readdir(sources)).filter((file) => /\.(go|mod|sum)$/.test(file));
  for (const file of files) await copyFile(join(sources, file), join(folder, file));
  const plugin = join(folder, "protoc-gen-go");
  // The plugin's version is the one of google.golang.org/protobuf in go.mod.
  await go("build", "-o", plugin, "google.golang.org/protobuf/cmd/protoc-gen-go");
  await runCommand({
    file: join(root, "node_modules/.bin/buf"),
    args: ["generate", "--template", generated(plugin), "--path", "proto/longrunning/testing"],
  });
  await go("build", "-o", program, ".");
}

async function go(...args: string[]): Promise<void> {
  await runCommand({ file: "go", args, cwd: folder, env: { GOFLAGS: "-mod=readonly", GOWORK: "off" } });
}

function generated(plugin: string): string {
  const simulator = "Mlongrunning/testing/v1/simulator.proto=longrunning.example/interop/simulator";
  const opt = [simulator, "module=longrunning.example/interop"];
  return JSON.stringify({ version: "v2", plugins: [{ local: plugin, out: folder, opt }] });
}

function goClient(
  client: "operation" | "grpc" | "rest",
  title: string,
  deviations: Readonly<Record<string, Deviation>>,
): Client {
  return {
    id: `go-${client}`,
    title,
    install,
    program: (url) => ({ file: program, args: [client, url] }),
    deviations,
  };
}

const POLLS =
  "Go's Operation polls with GetOperation; WaitOperation is a method of the autogen client alone (longrunning.go).";
const ONE =
  "Go's Operation is one operation of a known type: it neither lists nor shows an Any as it came (longrunning.go).";
const NO_RULE =
  "operations.proto has no google.api.http rule for WaitOperation, so Go's generated REST client sends GET /?name=… (operations_client.go).";
const KNOWN_TYPES =
  "Go's generated REST client reads JSON with protojson, which refuses an Any of a type that is not linked in, and with it the whole answer (encoding/protojson/well_known_types.go).";

/** Of google.rpc.Code: what Go makes of HTTP 404. */
const NOT_FOUND = 5;

const manifest = readFileSync(join(sources, "go.mod"), "utf8");
const [, version] = /cloud\.google\.com\/go\/longrunning v(\S+)/.exec(manifest) ?? [];
const longrunning = `cloud.google.com/go/longrunning ${version}`;

export const goOperation = goClient("operation", `${longrunning} (Go), Operation`, {
  wait: { why: POLLS },
  list: { why: ONE },
  deadline: { why: POLLS },
  "unknown-any": { why: ONE },
});

export const goGrpc = goClient("grpc", `${longrunning} (Go), autogen, gRPC`, {});

export const goRest = goClient("rest", `${longrunning} (Go), autogen, REST`, {
  wait: { saw: { code: NOT_FOUND }, why: NO_RULE },
  deadline: { saw: { code: NOT_FOUND }, why: NO_RULE },
  "unknown-any": { saw: { unresolved: "type.googleapis.com/far.away.Thing" }, why: KNOWN_TYPES },
});
