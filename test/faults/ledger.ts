import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { isDeletedAtLast, nameOf, STAGE, stageOf, winnerOf } from "./life.ts";

/** What load.ts has written down. */
export interface Ledger {
  /** How many changes the store has acknowledged. */
  readonly acknowledged: number;
  /** The last one of each operation. */
  readonly last: ReadonlyMap<number, { readonly stage: number; readonly winner: string }>;
  /** Refused writes: `CODE CAUSE`. */
  readonly refused: readonly string[];
  /** How many reads were answered. */
  readonly read: number;
  /** Refused reads: `CODE CAUSE`. */
  readonly unread: readonly string[];
  /** What must never be. */
  readonly violations: readonly string[];
  /** Whether the load ended well. */
  readonly closed: boolean;
}

export function readLedger(file: string): Ledger {
  const last = new Map<number, { stage: number; winner: string }>();
  const refused: string[] = [];
  const unread: string[] = [];
  const violations: string[] = [];
  let [acknowledged, read, closed] = [0, 0, false];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    const [what, ...words] = line.split(" ");
    if (what === "kept") {
      const [i = "", stage = "", winner = ""] = words;
      last.set(Number(i), { stage: Number(stage), winner });
      acknowledged++;
    } else if (what === "refused") refused.push(words.slice(2).join(" "));
    else if (what === "read") read++;
    else if (what === "unread") unread.push(words.join(" "));
    else if (what === "violation") violations.push(words.join(" "));
    else if (what === "closed") closed = true;
  }
  return { acknowledged, last, refused, read, unread, violations, closed };
}

/** What of the ledger is not in a store, or otherwise. */
export async function lostOf(ledger: Ledger, store: OperationStore): Promise<string[]> {
  const found = new Map((await everyOperation(store)).map((stored) => [stored.name, stored]));
  const lost: string[] = [];
  for (const [i, { stage, winner }] of ledger.last) {
    const fault = faultOf(i, stage, winner, found.get(nameOf(i)));
    if (fault !== undefined) lost.push(`operation ${i}, acknowledged at stage ${stage}, ${fault}`);
  }
  return lost;
}

/** Opens the file, as the next process would, and tells what of the ledger is not in it. Asserts that it is sound. */
export async function lostIn(file: string, ledger: Ledger): Promise<string[]> {
  const store = await SqliteStore.open(file);
  const lost = await lostOf(ledger, store);
  await store[Symbol.asyncDispose]();
  const db = new DatabaseSync(file, { readOnly: true });
  const soundness = db.prepare("pragma integrity_check").get()?.["integrity_check"];
  db.close();
  if (soundness !== "ok") lost.push(`the file is not sound: ${soundness}`);
  return lost;
}

function faultOf(
  i: number,
  stage: number,
  winner: string,
  stored: StoredOperation | undefined,
): string | undefined {
  if (stored === undefined) {
    // The deletion may be done, and not be acknowledged.
    return isDeletedAtLast(i) && stage >= STAGE.done ? undefined : "is gone";
  }
  if (stageOf(stored) < stage) return `is at stage ${stageOf(stored)}`;
  const kept = winnerOf(i, stored);
  if (stored.message.done && kept === undefined) return "has a result that nobody gave it";
  return stage === STAGE.done && kept !== winner
    ? `was ended by ${winner}, and has the result of ${kept}`
    : undefined;
}

async function everyOperation(store: OperationStore): Promise<StoredOperation[]> {
  const found: StoredOperation[] = [];
  for (;;) {
    const after = found.at(-1);
    const page = await store.list({ parent: "", limit: 1_000, after });
    found.push(...page);
    if (page.length < 1_000) return found;
  }
}
