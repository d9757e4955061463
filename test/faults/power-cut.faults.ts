import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { afterPowerCut, imageDisk, newFolder, newImage, whyNoDisks } from "./disk.ts";
import { lostIn, readLedger } from "./ledger.ts";
import { cycles, freeze, report, runProgram } from "./program.ts";

const ROUNDS = cycles(20, "FAULT_ROUNDS");
const reason = whyNoDisks();
if (reason !== undefined) console.log(`F3 power cut: skipped, ${reason}`);

/** Cuts the power at some moment while many write. Answers what they were told, and what of it the disk has lost. */
async function cutPower(
  preload?: string,
): Promise<{ acknowledged: number; lost: string[]; wrong: string[] }> {
  await using folder = await newFolder();
  const [image, copy] = [join(folder.path, "disk.img"), join(folder.path, "copy.img")];
  const ledgerFile = join(folder.path, "ledger");
  await newImage(image, 256);
  await using disk = await imageDisk(image, join(folder.path, "disk"));
  const args = [join(disk.folder, "operations.db"), ledgerFile, "50", "0"];
  await using load = runProgram("test/faults/load.ts", args, preload === undefined ? {} : { preload });
  await load.firstLine();
  await pause(100 + Math.random() * 2_000);
  await freeze(load);
  const ledger = readLedger(ledgerFile);
  await using after = await afterPowerCut(image, copy, join(folder.path, "after"));
  const lost = await lostIn(join(after.folder, "operations.db"), ledger);
  return { acknowledged: ledger.acknowledged, lost, wrong: [...ledger.violations, ...ledger.refused] };
}

/** Cuts the power again and again, and prints what came of it. */
async function cutPowerOften(what: string, preload?: string) {
  let [acknowledged, roundsWithLoss] = [0, 0];
  const [lost, wrong]: [string[], string[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const cut = await cutPower(preload);
    acknowledged += cut.acknowledged;
    lost.push(...cut.lost);
    wrong.push(...cut.wrong);
    if (cut.lost.length > 0) roundsWithLoss++;
  }
  report(what, { cycles: ROUNDS, acknowledged, lost: lost.length, "cycles with loss": roundsWithLoss });
  return { acknowledged, lost, wrong };
}

describe.skipIf(reason !== undefined)("F3: a power cut", () => {
  it("loses nothing that was acknowledged", async () => {
    const { acknowledged, lost, wrong } = await cutPowerOften("F3 power cut, synchronous=FULL");
    expect([acknowledged > 0, lost.slice(0, 5), wrong.slice(0, 5)]).toEqual([true, [], []]);
  });

  it("is one that loses what is not synced: with synchronous=NORMAL, much is lost", async () => {
    const normal = "./test/faults/synchronous-normal.js";
    const { acknowledged, lost } = await cutPowerOften("F3 power cut, synchronous=NORMAL", normal);
    expect([acknowledged > 0, lost.length > 0]).toEqual([true, true]);
  });
});
