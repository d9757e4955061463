import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Operation } from "longrunning";
import { temporaryFolder } from "../figures.ts";
import { Child } from "../processes/child.ts";
import { type Cores, findCores } from "../processes/cores.ts";
import type { PeerAnswers } from "./peer.ts";
import { nodeProgram, type PeerKind } from "./peers.ts";
import { sampleFile, sampleOperations } from "./sample.ts";

const SAMPLES = 1_000;

/** A server that runs. */
export interface OpenPeer extends AsyncDisposable {
  readonly id: string;
  readonly process: Child;
  readonly ports: PeerAnswers["ports"];
}

/** Where a part of the bench takes place: what the peers serve, and who has which core. */
export interface Field extends AsyncDisposable {
  /** For files of the part. It goes away with the field. */
  readonly folder: string;
  readonly cores: Cores;
  readonly samples: readonly Operation[];
  /** Runs a peer on the servers' core. */
  open(kind: PeerKind): Promise<OpenPeer>;
  /** Runs the generator of the load on the other core. */
  openLoad(): Child;
}

/** Prepares what peers serve. */
export async function openField(): Promise<Field> {
  const folder = await temporaryFolder();
  const file = join(folder.path, "operations.binpb");
  const samples = sampleOperations(SAMPLES);
  await writeFile(file, sampleFile(samples));
  const cores = findCores();
  return {
    folder: folder.path,
    cores,
    samples,
    open: async (kind) => {
      const process = new Child(kind.program(file), cores.server);
      const ports = await process.ask<PeerAnswers["ports"]>("ports");
      return { id: kind.id, process, ports, [Symbol.asyncDispose]: () => process[Symbol.asyncDispose]() };
    },
    openLoad: () => new Child(nodeProgram("load/load-process.ts"), cores.load),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
