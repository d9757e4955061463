import { getTable } from "../tables/get-table.ts";
import { keptTable } from "../tables/kept-table.ts";
import { knownTable } from "../tables/known-table.ts";
import { parkedTable } from "../tables/parked-table.ts";
import { severalTable } from "../tables/several-table.ts";
import { startTable } from "../tables/start-table.ts";
import type { Table } from "../tables/table.ts";
import { type GetRun, runGet } from "./get.ts";
import { type KeptRun, runKept } from "./kept.ts";
import { type KnownRun, runKnown } from "./known.ts";
import { type ParkedRun, runParked } from "./parked.ts";
import { runRefused } from "./refused.ts";
import { runSeveral, type SeveralRun } from "./several.ts";
import { runStart, type StartRun } from "./start.ts";

/** A part of the bench: what it runs, and the tables of what it measured. */
export interface Part<Run> {
  readonly name: string;
  readonly run: () => Promise<readonly Run[]>;
  /** By their titles. */
  readonly tables: (runs: readonly Run[]) => Readonly<Record<string, Table>>;
}

/** Calls `use` with each part: they differ in what a run of theirs is. */
export function eachPart<T>(use: <Run>(part: Part<Run>) => T): T[] {
  return [use(get), use(refused), use(parked), use(known), use(start), use(kept), use(several)];
}

const get: Part<GetRun> = {
  name: "get",
  run: runGet,
  tables: (runs) => ({
    "GetOperation, gRPC": getTable(runs, "grpc"),
    "GetOperation, JSON over HTTP/1.1": getTable(runs, "json"),
  }),
};

const refused: Part<GetRun> = {
  name: "refused",
  run: runRefused,
  tables: (runs) => ({
    "GetOperation of what is not there, gRPC": getTable(runs, "grpc"),
    "GetOperation of what is not there, JSON over HTTP/1.1": getTable(runs, "json"),
  }),
};

const parked: Part<ParkedRun> = {
  name: "parked",
  run: runParked,
  tables: (runs) => ({ "WaitOperation, calls that wait for one operation": parkedTable(runs) }),
};

const known: Part<KnownRun> = {
  name: "known",
  run: runKnown,
  tables: (runs) => ({ "From an operation's end until its caller knows it": knownTable(runs) }),
};

const start: Part<StartRun> = {
  name: "start",
  run: runStart,
  tables: (runs) => ({ "From a start until its caller knows the end, gRPC": startTable(runs) }),
};

const kept: Part<KeptRun> = {
  name: "kept",
  run: runKept,
  tables: (runs) => ({ "What calls cost as kept operations grow, gRPC": keptTable(runs) }),
};

const several: Part<SeveralRun> = {
  name: "several",
  run: runSeveral,
  tables: (runs) => ({ "GetOperation by the number of processes, JSON over HTTP/1.1": severalTable(runs) }),
};
