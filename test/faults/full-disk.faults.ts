import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { memoryDisk, newFolder, whyNoDisks } from "./disk.ts";
import { lostIn, readLedger } from "./ledger.ts";
import { report, runProgram } from "./program.ts";
import { openServer, payloadOf } from "./server.ts";
import { reasonOf } from "./told.ts";

const reason = whyNoDisks();
if (reason !== undefined) console.log(`F5 full disk: skipped, ${reason}`);

/** Writes to a file until the disk is full. */
function fill(file: string): void {
  const some = Buffer.alloc(4_096);
  for (;;) {
    try {
      writeFileSync(file, some, { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    }
  }
}

/** Loads a store until its disk is full, frees some space, and lets it go on. */
async function loadFullDisk() {
  await using folder = await newFolder();
  await using disk = await memoryDisk(join(folder.path, "disk"), 2);
  const ballast = join(disk.folder, "ballast");
  writeFileSync(ballast, Buffer.alloc(1_000_000));
  const [file, ledgerFile] = [join(disk.folder, "operations.db"), join(folder.path, "ledger")];
  await using load = runProgram("test/faults/load.ts", [file, ledgerFile, "10", "0"]);
  await load.firstLine();
  await until(() => readLedger(ledgerFile).refused.length > 100);
  const full = readLedger(ledgerFile);
  await pause(500);
  const fullStill = readLedger(ledgerFile);
  await rm(ballast);
  await until(() => readLedger(ledgerFile).acknowledged > fullStill.acknowledged + 100);
  await load.kill();
  const ledger = readLedger(ledgerFile);
  // The next process finds some space too: it needs a little to open the file.
  const lost = await lostIn(file, ledger);
  return { full, fullStill, ledger, lost };
}

describe.skipIf(reason !== undefined)("F5: a full disk", () => {
  it("refuses writes, loses nothing, answers reads, and takes writes again once there is space", async () => {
    const { full, fullStill, ledger, lost } = await loadFullDisk();
    report("F5 full disk, then space", {
      acknowledged: ledger.acknowledged,
      "after space was freed": ledger.acknowledged - fullStill.acknowledged,
      refused: ledger.refused.length,
      "read while it was full": fullStill.read - full.read,
      lost: lost.length,
      violations: ledger.violations.length,
    });
    const says =
      /^ResourceExhausted SqliteStoreError: operations database ".+operations\.db": the disk is full/;
    expect({
      lost: lost.slice(0, 5),
      violations: ledger.violations.slice(0, 5),
      unread: [...new Set(ledger.unread)],
      unclear: [...new Set(ledger.refused)].filter((refusal) => !says.test(refusal)),
      readOn: fullStill.read > full.read,
    }).toEqual({ lost: [], violations: [], unread: [], unclear: [], readOn: true });
  });

  it("ends a server that begins on it with 1, and one line that names the file and the cause", async () => {
    await using folder = await newFolder();
    await using disk = await memoryDisk(join(folder.path, "disk"), 1);
    fill(join(disk.folder, "ballast"));
    const file = join(disk.folder, "operations.db");
    await using server = runProgram("src/server/main.ts", ["--port", "0", "--store", `sqlite:${file}`]);
    const code = await server.ended;
    expect([code, server.out, server.err]).toEqual([
      1,
      [],
      [expect.stringMatching(`^operations database "${file}": .*(the disk is full|the disk failed)`)],
    ]);
  });

  it("lets a server that has work on it answer, end the work once there is space, and stop", async () => {
    await using folder = await newFolder();
    await using disk = await memoryDisk(join(folder.path, "disk"), 2);
    const file = join(disk.folder, "operations.db");
    const ballast = join(disk.folder, "ballast");
    await using server = await openServer(["--store", `sqlite:${file}`]);
    const started = await server.simulator.simulateWork({ duration: durationFromMs(500), payload: "kept" });
    fill(ballast);
    // The log-structured file still has room in its last page for some writes.
    const refusals: unknown[] = [];
    for (let i = 0; i < 200 && refusals.length === 0; i++) {
      await server.simulator
        .simulateWork({ payload: "x".repeat(10_000) })
        .catch((error) => refusals.push(error));
    }
    await pause(1_000);
    const whileFull = await server.operations.getOperation({ name: started.name });
    await rm(ballast);
    const ended = await server.operations.waitOperation({
      name: started.name,
      timeout: durationFromMs(20_000),
    });
    const code = await server.program.stop();
    expect([
      refusals.map((error) => ConnectError.from(error).code),
      whileFull.name,
      payloadOf(ended),
      code,
    ]).toEqual([[Code.ResourceExhausted], started.name, "kept", 0]);
  });

  it("lets a server stop while it is full, and the next one end what ran", async () => {
    await using folder = await newFolder();
    await using disk = await memoryDisk(join(folder.path, "disk"), 2);
    const file = join(disk.folder, "operations.db");
    const ballast = join(disk.folder, "ballast");
    let name = "";
    let code: number | null;
    {
      await using server = await openServer(["--store", `sqlite:${file}`, "--grace", "2s"]);
      ({ name } = await server.simulator.simulateWork({ duration: durationFromMs(600_000) }));
      fill(ballast);
      for (let i = 0, full = false; i < 200 && !full; i++) {
        await server.simulator.simulateWork({ payload: "x".repeat(10_000) }).catch(() => {
          full = true;
        });
      }
      code = await server.program.stop();
    }
    await rm(ballast);
    await using server = await openServer(["--store", `sqlite:${file}`]);
    const ended = await server.operations.waitOperation({ name, timeout: durationFromMs(10_000) });
    expect([code, reasonOf(ended)]).toEqual([0, "SERVER_LOST"]);
  });
});
