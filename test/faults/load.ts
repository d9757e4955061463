import { openSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import type { Transition } from "../../src/operation/transition.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { update } from "../../src/store/update.ts";
import {
  endOf,
  isDeletedAtLast,
  nameOf,
  newborn,
  progressOf,
  RIVALS,
  STAGE,
  stageOf,
  winnerOf,
} from "./life.ts";

// Many clients of one SqliteStore, in a process that somebody else kills, stops, or takes the disk away from:
//   load.ts FILE LEDGER CLIENTS FIRST
// What the store has acknowledged stands in the ledger before anybody does anything else: it is written with
// one system call to a file on another disk. test/faults/ledger.ts reads it. Ends well on SIGTERM.

const [file = "", ledgerFile = "", clients = "50", first = "0"] = process.argv.slice(2);
const ledger = openSync(ledgerFile, "a");
const acknowledged = new Map<number, number>();
let next = Number(first);
let stopping = false;

function note(...words: readonly (string | number)[]): void {
  writeSync(ledger, `${words.join(" ").replaceAll("\n", " ")}\n`);
}

function acknowledge(i: number, stage: number, winner = "-"): void {
  acknowledged.set(i, stage);
  note("kept", i, stage, winner);
}

/** Tries until the store takes it, as who has a result to keep must. */
async function insistently<T>(i: number, stage: number, act: () => Promise<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (stopping) return undefined;
      noteRefusal(`refused ${i} ${stage}`, error);
      await pause(20);
    }
  }
}

function noteRefusal(what: string, error: unknown): void {
  if (!(error instanceof ConnectError)) note("violation", what, `with no ConnectError: ${error}`);
  else note(what, Code[error.code] ?? error.code, String(error.cause));
}

/** As `update`. Of an unknown outcome that was success after all, it answers what is kept. */
async function change(store: SqliteStore, i: number, transition: Transition): Promise<StoredOperation> {
  try {
    const stored = await update(store, nameOf(i), transition);
    if (stored === undefined) throw new Error(`operation ${i} is gone`);
    return stored;
  } catch (error) {
    if (!(error instanceof ConnectError) || error.code !== Code.FailedPrecondition) throw error;
    const kept = await store.get(nameOf(i));
    if (kept === undefined) throw new Error(`operation ${i} is gone`);
    return kept;
  }
}

async function live(store: SqliteStore, i: number): Promise<void> {
  const inserted = await insistently(i, STAGE.kept, async () => {
    // False where an attempt of unknown outcome had kept it.
    await store.insert(newborn(i));
    return (await store.get(nameOf(i))) !== undefined;
  });
  if (inserted === undefined) return;
  if (!inserted) note("violation", i, "was inserted and is gone");
  acknowledge(i, STAGE.kept);
  if ((await insistently(i, STAGE.progressed, () => change(store, i, progressOf(i)))) === undefined) return;
  acknowledge(i, STAGE.progressed);
  const ends = await Promise.all(
    RIVALS.map((rival) => insistently(i, STAGE.done, () => change(store, i, endOf(i, rival)))),
  );
  const winners = new Set(ends.map((stored) => stored && (winnerOf(i, stored) ?? "nobody")));
  winners.delete(undefined);
  if (winners.size > 1) note("violation", i, "was ended twice");
  const [winner] = winners;
  if (winner === undefined) return;
  if (winner === "nobody") note("violation", i, "has a result that nobody gave it");
  acknowledge(i, STAGE.done, winner);
  if (!isDeletedAtLast(i)) return;
  if ((await insistently(i, STAGE.deleted, () => store.delete(nameOf(i)))) === undefined) return;
  acknowledge(i, STAGE.deleted, winner);
}

/** Reads what is kept, from the disk and not, and holds it against what was acknowledged. */
async function read(store: SqliteStore): Promise<void> {
  while (!stopping) {
    const i = Math.floor(Math.random() * next);
    const known = acknowledged.get(i) ?? 0;
    try {
      const [found] = await Promise.all([store.get(nameOf(i)), store.list({ parent: "", limit: 20 })]);
      note("read");
      const stage = found === undefined ? STAGE.deleted : stageOf(found);
      const isOlder = found === undefined ? known > 0 && !isDeletedAtLast(i) : stage < known;
      if (isOlder) note("violation", i, `was seen at stage ${stage} after ${known} was acknowledged`);
    } catch (error) {
      noteRefusal("unread", error);
    }
    await pause(2);
  }
}

const store = await SqliteStore.open(file);
const lives = Array.from({ length: Number(clients) }, async () => {
  while (!stopping) await live(store, next++);
});
const reading = read(store);
process.on("SIGTERM", () => {
  stopping = true;
});
console.log("loading");
await Promise.all([...lives, reading]);
await store[Symbol.asyncDispose]();
note("closed");
