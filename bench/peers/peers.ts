import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Program } from "../processes/child.ts";

/** A server that the bench measures. */
export interface PeerKind {
  /** What it is called in results. */
  readonly id: string;
  /** How to run it on a file of sample operations. */
  program(sampleFile: string): Program;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

export const ours = nodePeer("ours", "ours.ts");
/**
 * With a young generation as small as Node had it up to 22; 24 lets it grow to four times as much on large machines. It is
 * how the programs of this package are started (docs/running.md).
 */
export const oursYoung16: PeerKind = {
  id: "ours-young-16",
  program: (sampleFile) => {
    const { file, args } = ours.program(sampleFile);
    return { file, args: ["--max-semi-space-size=16", ...args] };
  },
};
export const oursNotDirect = nodePeer("ours-no-direct", "ours.ts", "--no-direct");
export const connectNode = nodePeer("connect-node", "connect-node.ts");
export const grpcJs = nodePeer("grpc-js", "grpc-js.ts");
export const http2Floor = nodePeer("http2", "http2-floor.ts");
export const httpFloor = nodePeer("http", "http-floor.ts");

/**
 * The peer on grpc-go, built into a folder; undefined where this machine has no Go, or one that cannot build it. Its
 * modules come by Go's own client.
 */
export function grpcGo(folder: string): PeerKind | undefined {
  if (spawnSync("go", ["version"]).status !== 0) return undefined;
  const program = join(folder, "grpc-go");
  const build = spawnSync("go", ["build", "-o", program, "."], {
    cwd: join(import.meta.dirname, "grpc-go"),
    env: { ...process.env, GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" },
    encoding: "utf8",
  });
  if (build.status !== 0) {
    console.error(`grpc-go is left out: ${build.stderr}`);
    return undefined;
  }
  return { id: "grpc-go", program: (sampleFile) => ({ file: program, args: [sampleFile] }) };
}

/** This package's server with so many operations kept: in "memory", or in an SQLite file. */
export function keptPeer(id: string, place: string, count: number): PeerKind {
  return { id, program: () => nodeProgram("peers/kept.ts", place, String(count)) };
}

/** A file of the bench as a process on Node, which imports this checkout's sources. */
export function nodeProgram(file: string, ...args: readonly string[]): Program {
  const fromSource = join(root, "scripts/run-from-source.js");
  const options = ["--expose-gc", "--import", fromSource];
  return { file: process.execPath, args: [...options, join(root, "bench", file), ...args] };
}

function nodePeer(id: string, file: string, ...flags: readonly string[]): PeerKind {
  return { id, program: (sampleFile) => nodeProgram(`peers/${file}`, sampleFile, ...flags) };
}
