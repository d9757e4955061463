import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { beforeAll, describe, expect, it } from "vitest";
import { until } from "../until.ts";
import { afterPowerCut, imageDisk, newFolder, newImage, whyNoDisks } from "./disk.ts";
import { injected, whyNoInjection } from "./injection.ts";
import { type Ledger, lostIn, readLedger } from "./ledger.ts";
import { freeze, report, runProgram } from "./program.ts";
import { openServer, payloadOf } from "./server.ts";
import { changesOf, startWork } from "./work.ts";

const reason = whyNoInjection();
if (reason !== undefined) console.log(`F4 disk errors: skipped, ${reason}`);

interface Fault {
  readonly what: string;
  readonly injection: string;
  /** What every refusal says: its code, and its cause. */
  readonly says: RegExp;
}

const UNAVAILABLE = /^Unavailable SqliteStoreError: operations database ".+operations\.db": the disk failed/;

const WRITE_FAULTS: readonly Fault[] = [
  {
    what: "EIO of every fsync",
    injection: "fsync,fdatasync:error=EIO",
    says: /^Unavailable SqliteStoreError: operations database ".+operations\.db": the disk failed \(fsync\)/,
  },
  {
    what: "EIO of every third fsync",
    injection: "fsync,fdatasync:error=EIO:when=1+3",
    says: /^Unavailable SqliteStoreError: operations database ".+operations\.db": the disk failed \(fsync\)/,
  },
  { what: "EIO of every tenth write", injection: "pwrite64:error=EIO:when=1+10", says: UNAVAILABLE },
  {
    what: "ENOSPC of every write",
    injection: "pwrite64:error=ENOSPC",
    says: /^ResourceExhausted SqliteStoreError: operations database ".+operations\.db": the disk is full/,
  },
  {
    what: "ENOSPC of every tenth write",
    injection: "pwrite64:error=ENOSPC:when=1+10",
    says: /^ResourceExhausted SqliteStoreError: operations database ".+operations\.db": the disk is full/,
  },
];

/** How long the disk fails. */
const FAILING_MS = 2_000;

interface Outcome {
  readonly before: Ledger;
  readonly during: Ledger;
  readonly after: Ledger;
  readonly lost: readonly string[];
}

/** Loads a store, has its disk fail for a while, and ends it: when the disk is well again, or while it fails. */
async function loadThrough(
  injection: string,
  killed: "while it fails" | "when it is well",
): Promise<Outcome> {
  await using folder = await newFolder();
  const [file, ledgerFile] = [join(folder.path, "operations.db"), join(folder.path, "ledger")];
  await using load = runProgram("test/faults/load.ts", [file, ledgerFile, "50", "0"]);
  await load.firstLine();
  await pause(500);
  const before = readLedger(ledgerFile);
  let during = before;
  {
    await using _fault = await injected(load, injection);
    await pause(FAILING_MS);
    during = readLedger(ledgerFile);
    if (killed === "while it fails") await load.kill();
  }
  if (killed === "when it is well") {
    await until(() => readLedger(ledgerFile).acknowledged > during.acknowledged + 1_000);
    await load.kill();
  }
  const after = readLedger(ledgerFile);
  return { before, during, after, lost: await lostIn(file, after) };
}

function countsOf({ during, after, lost }: Outcome) {
  return {
    acknowledged: after.acknowledged,
    refused: after.refused.length,
    "read while it failed": during.read,
    lost: lost.length,
    violations: after.violations.length,
  };
}

describe.skipIf(reason !== undefined).each(WRITE_FAULTS)("F4: $what", ({ what, injection, says }) => {
  const outcomes: Outcome[] = [];

  beforeAll(async () => {
    for (const killed of ["when it is well", "while it fails"] as const) {
      const outcome = await loadThrough(injection, killed);
      report(`F4 ${what}, kill -9 ${killed}`, countsOf(outcome));
      outcomes.push(outcome);
    }
  });

  it("is seen by who writes", () => {
    expect(outcomes.map(({ after }) => after.refused.length > 0)).toEqual([true, true]);
  });

  it("loses nothing that was acknowledged", () => {
    expect(outcomes.flatMap(({ lost }) => lost).slice(0, 5)).toEqual([]);
  });

  it("ends no operation twice, and shows nothing older than what was acknowledged", () => {
    expect(outcomes.flatMap(({ after }) => after.violations).slice(0, 5)).toEqual([]);
  });

  it("is told with the file and the cause", () => {
    const refused = new Set(outcomes.flatMap(({ after }) => after.refused));
    expect([...refused].filter((refusal) => !says.test(refusal))).toEqual([]);
  });

  it("lets reads go on", () => {
    expect(
      outcomes.map(({ before, during, after }) => [during.read > before.read, after.unread.slice(0, 5)]),
    ).toEqual([
      [true, []],
      [true, []],
    ]);
  });
});

describe.skipIf(reason !== undefined)("F4: EIO of every read", () => {
  let outcome: Outcome;

  beforeAll(async () => {
    outcome = await loadThrough("pread64:error=EIO", "when it is well");
    const unread = outcome.after.unread.length;
    report("F4 EIO of every read, kill -9 when it is well", { ...countsOf(outcome), unread });
  });

  it("loses nothing that was acknowledged", () => {
    expect([outcome.lost.slice(0, 5), outcome.after.violations.slice(0, 5)]).toEqual([[], []]);
  });

  it("is told with the file and the cause", () => {
    // SQLite calls a file corrupt that it cannot read with EIO.
    const says =
      /^Unavailable SqliteStoreError: operations database ".+operations\.db": (the disk failed|it is corrupt)/;
    const refused = new Set([...outcome.after.unread, ...outcome.after.refused]);
    expect([...refused].filter((refusal) => !says.test(refusal))).toEqual([]);
  });
});

describe.skipIf(reason !== undefined)("F4: EIO of every fsync under a server", () => {
  it("refuses work, answers reads, and ends the work that ran once the disk is well", async () => {
    await using folder = await newFolder();
    const file = join(folder.path, "operations.db");
    await using server = await openServer(["--store", `sqlite:${file}`]);
    const work = await startWork(server, 20, 1_000);
    const refusals: ConnectError[] = [];
    const found: string[] = [];
    {
      await using _fault = await injected(server.program, "fsync,fdatasync:error=EIO");
      await pause(1_500);
      await server.simulator.simulateWork({}).catch((error) => refusals.push(ConnectError.from(error)));
      for (const name of work.names) found.push((await server.operations.getOperation({ name })).name);
    }
    const payloads = (await work.ends).map(payloadOf);
    const said = server.program.err;
    const code = await server.program.stop();
    report("F4 EIO of every fsync under a server", {
      operations: work.names.length,
      "ended with their result": payloads.filter((payload) => payload !== undefined).length,
    });
    expect({
      refusals: refusals.map(({ code, rawMessage }) => [code, rawMessage]),
      found,
      payloads,
      code,
      said: said.some((line) => line.includes(`"${file}": the disk failed (fsync)`)),
      changes: await changesOf(file, work.names),
    }).toEqual({
      refusals: [[Code.Unavailable, "the store of operations is not available"]],
      found: work.names,
      payloads: work.names.map((_, i) => `payload ${i}`),
      code: 0,
      said: true,
      changes: new Set(["1 changes, 0 restarts"]),
    });
  });
});

describe.skipIf((reason ?? whyNoDisks()) !== undefined)(
  "F4: a disk that fails, and then loses its power",
  () => {
    it.each([
      { what: "EIO of every third fsync", injection: "fsync,fdatasync:error=EIO:when=1+3" },
      { what: "EIO of every tenth write", injection: "pwrite64:error=EIO:when=1+10" },
    ])("$what: what was acknowledged is on it", async ({ what, injection }) => {
      await using folder = await newFolder();
      const [image, copy] = [join(folder.path, "disk.img"), join(folder.path, "copy.img")];
      const ledgerFile = join(folder.path, "ledger");
      await newImage(image, 256);
      await using disk = await imageDisk(image, join(folder.path, "disk"));
      await using load = runProgram("test/faults/load.ts", [
        join(disk.folder, "operations.db"),
        ledgerFile,
        "50",
        "0",
      ]);
      await load.firstLine();
      {
        await using _fault = await injected(load, injection);
        await pause(FAILING_MS);
      }
      await freeze(load);
      const ledger = readLedger(ledgerFile);
      await using after = await afterPowerCut(image, copy, join(folder.path, "after"));
      const lost = await lostIn(join(after.folder, "operations.db"), ledger);
      report(`F4 ${what}, then a power cut`, {
        acknowledged: ledger.acknowledged,
        refused: ledger.refused.length,
        lost: lost.length,
        violations: ledger.violations.length,
      });
      expect([lost.slice(0, 5), ledger.violations.slice(0, 5), ledger.refused.length > 0]).toEqual([
        [],
        [],
        true,
      ]);
    });
  },
);
