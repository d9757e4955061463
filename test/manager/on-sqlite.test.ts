import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { metadataOf } from "../service/operation-state.ts";
import { forever } from "./open-manager.ts";

/** So many, because a disk is now quick and now slow. */
const TIMES = 30;

describe("on a file, the answer of start", () => {
  let folder: string;
  let store: SqliteStore;
  let manager: OperationManager;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "longrunning-start-"));
    store = await SqliteStore.open(join(folder, "operations.db"));
    manager = new OperationManager(store);
  });

  afterAll(async () => {
    await manager.close();
    await store[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it("has the result of work that answers before it waits for something", async () => {
    const answers = [];
    for (let i = 0; i < TIMES; i++) answers.push(await manager.start(SimulateWork, () => ({ payload: "x" })));
    expect(answers.filter(({ result }) => result.case === "response").length).toBe(TIMES);
  });

  it("has the error of work that fails before it waits for something", async () => {
    const answers = [];
    const fail = () => {
      throw new DOMException("no", "AbortError");
    };
    const quiet = new OperationManager(store, { logger: { error() {} } });
    for (let i = 0; i < TIMES; i++) answers.push(await quiet.start(SimulateWork, fail));
    await quiet.close();
    expect(answers.filter(({ result }) => result.case === "error").length).toBe(TIMES);
  });

  it("has the result of work that reports first", async () => {
    const answers = [];
    for (let i = 0; i < TIMES; i++) {
      answers.push(
        await manager.start(SimulateWork, ({ progress }) => {
          progress({ stepsDone: 1 });
          return {};
        }),
      );
    }
    expect(answers.filter(({ done }) => done).length).toBe(TIMES);
  });

  it("has the first report of work that goes on", async () => {
    const steps = [];
    const quick = new OperationManager(store, { graceMs: 0 });
    for (let i = 0; i < TIMES; i++) {
      const operation = await quick.start(SimulateWork, ({ progress }) => {
        progress({ stepsDone: 1 });
        return forever();
      });
      steps.push(metadataOf(operation).stepsDone);
    }
    await quick.close();
    expect(steps).toEqual(Array.from({ length: TIMES }, () => 1));
  });
});
