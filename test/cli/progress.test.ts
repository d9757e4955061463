import { create, type DescMessage, type MessageInitShape } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { describe, expect, it } from "vitest";
import { CompressFileMetadataSchema } from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { SimulateWorkMetadataSchema } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { Pace } from "../../src/cli/pace.ts";
import { type ProgressView, progressBar, progressLine } from "../../src/cli/progress-text.ts";
import { plainText } from "../../src/server/plain-text.ts";
import { durationText } from "../../src/summary/duration-text.ts";
import { type Progress, progressOf } from "../../src/summary/progress.ts";

describe("progressOf", () => {
  it("reads longrunning.v1.OperationMetadata", () => {
    const progress = { unitsDone: 3n, unitsTotal: 12n, unit: "pages", percent: 25 };
    expect(read(OperationMetadataSchema, { progress, message: "writing" })).toEqual({
      ...{ units: { done: 3, total: 12 }, unit: "pages" },
      ...{ percent: 25, message: "writing" },
    });
  });

  it("takes the percentage where there is no total", () => {
    expect(read(OperationMetadataSchema, { progress: { percent: 40 } })?.percent).toBe(40);
  });

  it("reads pairs by their names", () => {
    expect(read(SimulateWorkMetadataSchema, { stepsDone: 2, stepsTotal: 3 })).toEqual({
      ...{ units: { done: 2, total: 3 }, unit: "steps" },
      ...{ percent: 66, message: undefined },
    });
  });

  it("reads what is read of bytes", () => {
    expect(read(CompressFileMetadataSchema, { bytesRead: 10n, bytesTotal: 20n })?.units).toEqual({
      done: 10,
      total: 20,
    });
  });

  it("has no percentage of nothing", () => {
    expect(read(SimulateWorkMetadataSchema, { stepsDone: 0, stepsTotal: 0 })).toBeUndefined();
  });

  it("has no more than 100 percent", () => {
    expect(read(SimulateWorkMetadataSchema, { stepsDone: 5, stepsTotal: 3 })?.percent).toBe(100);
  });
});

describe("Pace", () => {
  it("knows no rate before something was done", () => {
    expect(paceOf([0, 0], [1_000, 0]).perSecond).toBeUndefined();
  });

  it("is what was done in the time that it took", () => {
    expect(paceOf([0, 0], [500, 2], [2_000, 10]).perSecond).toBe(5);
  });

  it("tells how long the rest will take", () => {
    expect(paceOf([0, 0], [2_000, 10]).leftMs(40)).toBe(6_000);
  });

  it("forgets what was long ago", () => {
    expect(paceOf([0, 0], [60_000, 600], [75_000, 615], [90_000, 630]).perSecond).toBe(1);
  });

  it("still knows the rate of work that is slow", () => {
    expect(paceOf([0, 0], [100_000, 1]).perSecond).toBe(0.01);
  });

  it("begins again with work that does", () => {
    expect(paceOf([0, 0], [1_000, 90], [2_000, 0], [3_000, 1]).perSecond).toBe(1);
  });
});

describe("progressBar", () => {
  const HALF = view({ units: { done: 6, total: 12 }, unit: "pages", percent: 50 }, 0.5, 12_000);

  it("draws what is done, with rate and time left", () => {
    expect(progressBar(HALF, 80)).toBe(
      "[===============>              ]  50%  6 of 12 pages  0.5/s  ETA 12s",
    );
  });

  it.each([20, 40, 60, 61, 80, 200])("is never wider than a terminal of %d columns", (columns) => {
    const long = { ...HALF, progress: { ...(HALF.progress as Progress), message: "x".repeat(300) } };
    expect(progressBar(long, columns).length).toBeLessThan(columns);
  });

  it("counts letters that are two columns wide as two", () => {
    const wide = view({ percent: 50, message: "大".repeat(100) });
    expect(progressBar(wide, 80)).toMatch(/^.{51} {2}大{12}…$/u);
  });

  it.each([
    [0, "[>                             ]"],
    [99, "[=============================>]"],
    [100, "[==============================]"],
  ])("is drawn at %d percent as far as that", (percent, bar) => {
    expect(progressBar(view({ percent }), 80)).toContain(`${bar}  `);
  });

  it("says how long it was waited where nothing else is known", () => {
    expect(progressBar(view(undefined), 80)).toBe("running  1m 5s so far");
  });

  it("says what is no longer as usual", () => {
    expect(progressBar({ ...HALF, state: "CANCELLING" }, 80)).toContain("cancelling");
  });

  it("shows no characters of a message that move the cursor", () => {
    expect(progressBar(view({ percent: 1, message: "\u001b[2J\r" }), 120)).toContain("\\u001b[2J\\u000d");
  });
});

describe("progressLine", () => {
  it("says the same without a bar", () => {
    const progress = {
      units: { done: 12_345_678, total: 20_000_000 },
      unit: "bytes",
      percent: 61,
      message: "copying",
    };
    expect(progressLine(view(progress, 1_234_567, 61_000))).toBe(
      "61%  12.3M of 20M bytes  1.23M/s  ETA 1m 1s  copying",
    );
  });
});

describe("durationText", () => {
  it.each([
    [0, "0s"],
    [250, "250ms"],
    [59_400, "59s"],
    [60_000, "1m"],
    [3_599_000, "59m 59s"],
    [7_800_000, "2h 10m"],
    [349_200_000, "4d 1h"],
  ])("tells %d ms as %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});

describe("plainText", () => {
  it("leaves letters of all scripts and pictures as they are", () => {
    expect(plainText("Größe 大きさ 🙂 שלום")).toBe("Größe 大きさ 🙂 שלום");
  });
});

function read<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Progress | undefined {
  return progressOf(reflect(desc, create(desc, init)));
}

function paceOf(...samples: readonly (readonly [number, number])[]): Pace {
  const pace = new Pace();
  for (const [atMs, done] of samples) pace.add(atMs, done);
  return pace;
}

function view(progress: Partial<Progress> | undefined, perSecond?: number, leftMs?: number): ProgressView {
  const none = { units: undefined, unit: undefined, percent: undefined, message: undefined };
  return {
    ...{ state: "RUNNING", perSecond, leftMs, waitedMs: 65_000 },
    progress: progress && { ...none, ...progress },
  };
}
