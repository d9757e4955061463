import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const folder = join(root, "bench/results");

/** What a part of the bench measured, where, and of what. */
export interface Results<Run> {
  /** RFC 3339. */
  readonly ranAt: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly kernel: string;
  };
  /** Of what was measured, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** All that was measured, as it was measured. */
  readonly runs: readonly Run[];
}

/** Keeps what a part measured, in a file of its name. */
export function writeResults<Run>(part: string, runs: readonly Run[]): Results<Run> {
  const results: Results<Run> = {
    ranAt: new Date().toISOString(),
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryGib: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
    },
    versions: versions(),
    runs,
  };
  mkdirSync(folder, { recursive: true });
  const { runs: lines, ...head } = results;
  // A run a line, so that a change of the file can be read.
  const text = lines.map((run) => `    ${JSON.stringify(run, inShort)}`).join(",\n");
  writeFileSync(
    join(folder, `${part}.json`),
    `${JSON.stringify(head, undefined, 2).slice(0, -2)},\n  "runs": [\n${text}\n  ]\n}\n`,
  );
  return readResults(part);
}

/** What was kept of a part last. */
export function readResults<Run>(part: string): Results<Run> {
  return JSON.parse(readFileSync(join(folder, `${part}.json`), "utf8"));
}

/** No clock and no counter here tells more than six digits. */
function inShort(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}

function versions(): Record<string, string> {
  const packages = ["@connectrpc/connect-node", "@bufbuild/protobuf", "@grpc/grpc-js"];
  const installed = packages.map((name) => [name, versionIn(join("node_modules", name))] as const);
  const go = /google\.golang\.org\/grpc v(\S+)/.exec(
    readFileSync(join(root, "bench/peers/grpc-go/go.mod"), "utf8"),
  );
  return {
    longrunning: `${versionIn(".")} ${told("git", "rev-parse", "--short", "HEAD")}`.trim(),
    node: process.version,
    ...Object.fromEntries(installed),
    go: told("go", "env", "GOVERSION"),
    "grpc-go": go?.[1] ?? "",
  };
}

function versionIn(path: string): string {
  return JSON.parse(readFileSync(join(root, path, "package.json"), "utf8")).version;
}

/** What a program says of itself; "" where this machine has none. */
function told(file: string, ...args: readonly string[]): string {
  try {
    return execFileSync(file, args, {
      cwd: root,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "";
  }
}
