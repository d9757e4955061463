import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import type { OperationManagerOptions } from "../../src/manager/manager-options.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { requestCancel } from "../../src/operation/transition.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { update } from "../../src/store/update.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { settled, until } from "../until.ts";

function copyType(handler: string) {
  return defineOperationType({
    response: StringValueSchema,
    onServerLoss: { handler, input: StringValueSchema },
  });
}

const Copy = copyType("test.Copy");
const Move = copyType("test.Move");

/** Work that ends when it is told to, and notes in which order it began. */
function openWorkshop() {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  let most = 0;
  let now = 0;
  const handler = async ({ input, signal }: { input: { value: string }; signal: AbortSignal }) => {
    begun.push(input.value);
    most = Math.max(most, ++now);
    await new Promise<void>((resolve) => {
      ends.set(input.value, resolve);
      signal.addEventListener("abort", () => resolve());
    });
    now--;
    signal.throwIfAborted();
    return { value: `copy of ${input.value}` };
  };
  return {
    store,
    clock,
    begun,
    handler,
    most: () => most,
    manager: (options: OperationManagerOptions = {}) => new OperationManager(store, { clock, ...options }),
    /** Ends a piece of work, and lets what comes of that happen. */
    async end(value: string) {
      ends.get(value)?.();
      await settled();
      clock.advance(1_000);
      await settled();
    },
  };
}

describe("a manager with as much work as it may run", () => {
  it("lets the rest wait, and begins the oldest first", async () => {
    const { begun, clock, end, handler, manager, most } = openWorkshop();
    const own = manager({ concurrency: 2 });
    own.register(Copy, handler);
    for (const value of ["a", "b", "c", "d"]) {
      await own.start(Copy, { value });
      clock.advance(1);
    }
    await end("b");
    await end("a");
    expect([begun, most()]).toEqual([["a", "b", "c", "d"], 2]);
  });

  it("keeps to the limit of each handler, and of all", async () => {
    const { begun, end, handler, manager, most } = openWorkshop();
    const own = manager({ concurrency: 3 });
    own.register(Copy, handler, { concurrency: 1 });
    own.register(Move, handler);
    for (const value of ["a", "b"]) await own.start(Copy, { value });
    for (const value of ["x", "y", "z"]) await own.start(Move, { value });
    const before = [...begun];
    await end("x");
    const afterOne = [...begun];
    await end("a");
    expect([before, afterOne, begun, most()]).toEqual([
      ["a", "x", "y"],
      ["a", "x", "y", "z"],
      ["a", "x", "y", "z", "b"],
      3,
    ]);
  });

  it("goes on with work of every handler, however many slots the first could fill", async () => {
    const { begun, handler, manager } = openWorkshop();
    const server = manager({ runsHandlers: false });
    await server.start(Copy, { value: "a" });
    await server.start(Move, { value: "x" });
    const worker = manager();
    worker.register(Copy, handler);
    worker.register(Move, handler);
    await settled();
    expect(begun.toSorted()).toEqual(["a", "x"]);
  });

  it("gives every handler its turn where there is one slot", async () => {
    const { begun, end, handler, manager } = openWorkshop();
    const server = manager({ runsHandlers: false });
    for (const value of ["a", "b", "c"]) await server.start(Copy, { value });
    for (const value of ["x", "y", "z"]) await server.start(Move, { value });
    const worker = manager({ concurrency: 1 });
    worker.register(Copy, handler);
    worker.register(Move, handler);
    await settled();
    for (let i = 0; i < 3; i++) await end(begun.at(-1) ?? "");
    const kinds = new Set(begun.slice(0, 4).map((value) => (value < "m" ? "copy" : "move")));
    expect(kinds.size).toBe(2);
  });

  it("says of work that waits that it is pending", async () => {
    const { handler, manager } = openWorkshop();
    const own = manager({ concurrency: 1 });
    own.register(Copy, handler);
    await own.start(Copy, { value: "a" });
    const { metadata, done } = await own.start(Copy, { value: "b" });
    const { state, attempt, startTime } = unpacked(OperationMetadataSchema, metadata as never);
    expect([done, state, attempt, startTime]).toEqual([false, OperationMetadata_State.PENDING, 0, undefined]);
  });

  it("runs all of it in the end", async () => {
    const { clock, manager, store } = openWorkshop();
    const own = manager({ concurrency: 3 });
    let now = 0;
    let most = 0;
    own.register(Copy, async ({ input }) => {
      most = Math.max(most, ++now);
      await settled();
      now--;
      return input;
    });
    const values = Array.from({ length: 50 }, (_, i) => ({ value: String(i) }));
    const started = await Promise.all(values.map((value) => own.start(Copy, value)));
    await until(async () => {
      clock.advance(1_000);
      const all = await Promise.all(started.map(({ name }) => store.get(name)));
      return all.every((stored) => stored?.message.done);
    });
    expect([most, own.running]).toEqual([3, 0]);
  });

  it("gives a slot back that a start took in vain", async () => {
    const { begun, handler, manager } = openWorkshop();
    const own = manager({ concurrency: 1 });
    own.register(Copy, handler);
    await own.start(Copy, { value: "a" }, { parent: "operations/x" }).catch(() => {});
    await own.start(Copy, { value: "b" });
    expect(begun).toEqual(["b"]);
  });

  it("ends work that was cancelled while it waited, and begins it never", async () => {
    const { begun, clock, end, handler, manager, store } = openWorkshop();
    const own = manager({ concurrency: 1 });
    own.register(Copy, handler);
    await own.start(Copy, { value: "a" });
    const { name } = await own.start(Copy, { value: "b" });
    await update(store, name, requestCancel);
    await end("a");
    await until(async () => {
      clock.advance(1_000);
      return (await store.get(name))?.message.done === true;
    });
    const result = (await store.get(name))?.message.result;
    expect([begun, result?.case === "error" && result.value.code]).toEqual([["a"], Code.Canceled]);
  });
});

describe("a manager that runs no handlers", () => {
  it("leaves their work to another, which begins it soon", async () => {
    const { begun, clock, handler, manager } = openWorkshop();
    const server = manager({ runsHandlers: false });
    const worker = manager();
    worker.register(Copy, handler);
    await settled();
    await server.start(Copy, { value: "a" });
    clock.advance(20);
    await settled();
    expect([begun, server.running, worker.running]).toEqual([["a"], 0, 1]);
  });

  it("leaves it to one that comes later", async () => {
    const { begun, handler, manager } = openWorkshop();
    await manager({ runsHandlers: false }).start(Copy, { value: "a" });
    manager().register(Copy, handler);
    await settled();
    expect(begun).toEqual(["a"]);
  });

  it("runs none that is registered with it", async () => {
    const { begun, handler, manager } = openWorkshop();
    const server = manager({ runsHandlers: false });
    server.register(Copy, handler);
    await server.start(Copy, { value: "a" });
    await settled();
    expect(begun).toEqual([]);
  });
});
