import { once } from "node:events";
import { Code, type ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  OperationMetadata_State,
  OperationMetadataSchema,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { cancelledByClient } from "../../src/operation/errors.ts";
import { requestCancel } from "../../src/operation/transition.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { update } from "../../src/store/update.ts";
import { SlowStore } from "../store/slow-store.ts";
import { settled } from "../until.ts";
import { errorOf, forever, reasonsOf } from "./open-manager.ts";

import { Copy, type CopyRun, LEASE_MS, openShared, responseOf } from "./open-shared.ts";

/** A store that other processes use too. */
class StoreOfMany extends SlowStore {
  constructor(store: OperationStore) {
    super(store, async () => {});
  }

  override get isShared(): boolean {
    return true;
  }
}

describe("work that is resumed", () => {
  it("runs where it was started", async () => {
    const { server, ended } = openShared();
    const { manager } = server();
    manager.register(Copy, ({ input }) => ({ value: `copy of ${input.value}` }));
    const { name } = await manager.start(Copy, { value: "x" });
    expect(await responseOf(ended(name))).toBe("copy of x");
  });

  it("goes on at another server with its input, its attempt, and its last metadata", async () => {
    const { server, ended } = openShared();
    const first = server();
    first.manager.register(Copy, async ({ progress }) => {
      await progress({ progress: { unitsDone: 3n }, message: "three" });
      return forever();
    });
    const { name } = await first.manager.start(Copy, { value: "x" });
    await settled();
    await first.die();
    server().manager.register(Copy, ({ input, attempt, lastMetadata }) => ({
      value: [input.value, attempt, lastMetadata?.message, lastMetadata?.progress?.unitsDone].join(" "),
    }));
    expect(await responseOf(ended(name))).toBe("x 2 three 3");
  });

  it("waits for a server that has its handler", async () => {
    const { server, clock, now, ended } = openShared();
    const first = server();
    first.manager.register(Copy, forever);
    const { name } = await first.manager.start(Copy, { value: "x" });
    await first.die();
    const { manager } = server();
    clock.advance(LEASE_MS);
    await settled();
    const waiting = !(await now(name)).done;
    manager.register(Copy, () => ({ value: "copied" }));
    expect([waiting, await responseOf(ended(name))]).toEqual([true, "copied"]);
  });

  it("is ABORTED where no server has had its handler for an hour", async () => {
    const { server, clock, ended } = openShared();
    const first = server();
    first.manager.register(Copy, forever);
    const { name } = await first.manager.start(Copy, { value: "x" });
    await first.die();
    server();
    await settled();
    clock.advance(60 * 60_000);
    await settled();
    clock.advance(LEASE_MS);
    const operation = await ended(name);
    expect([errorOf(operation)[0], reasonsOf(operation)]).toEqual([Code.Aborted, ["HANDLER_MISSING"]]);
  });

  it("waits on where another process may have its handler, and be busy", async () => {
    const { store, clock, now } = openShared();
    const options = { clock, leaseMs: LEASE_MS, runsHandlers: false };
    const manager = new OperationManager(new StoreOfMany(store), options);
    const { name } = await manager.start(Copy, { value: "x" });
    await settled();
    clock.advance(60 * 60_000);
    await settled();
    clock.advance(LEASE_MS);
    await settled();
    expect((await now(name)).done).toBe(false);
  });

  it("is ABORTED once as many servers died over it as its type allows", async () => {
    const { server, ended } = openShared();
    const attempts: number[] = [];
    const start = () => {
      const { manager, die } = server();
      manager.register(Copy, ({ attempt }) => {
        attempts.push(attempt);
        return forever();
      });
      return { manager, die };
    };
    let last = start();
    const { name } = await last.manager.start(Copy, { value: "x" });
    for (let deaths = 0; deaths < 3; deaths++) {
      await settled();
      await last.die();
      last = start();
    }
    const operation = await ended(name);
    expect([attempts, errorOf(operation)[0], reasonsOf(operation)]).toEqual([
      [1, 2, 3],
      Code.Aborted,
      ["ATTEMPTS_EXHAUSTED"],
    ]);
  });

  it("is begun by one of many servers that look at the same time", async () => {
    const { server, ended } = openShared();
    const first = server();
    first.manager.register(Copy, forever);
    const { name } = await first.manager.start(Copy, { value: "x" });
    await first.die();
    let begun = 0;
    for (let i = 0; i < 10; i++) {
      server().manager.register(Copy, async () => {
        begun++;
        await settled();
        return { value: "copied" };
      });
    }
    await ended(name);
    expect(begun).toBe(1);
  });

  it("hears that it was taken away, and changes nothing any more", async () => {
    const { server, clock, ended } = openShared();
    const [first, second] = [server(), server()];
    const heard = Promise.withResolvers<ConnectError>();
    first.manager.register(Copy, async ({ signal, progress }) => {
      await once(signal, "abort");
      await progress({ message: "late" });
      heard.resolve(signal.reason);
      return { value: "late" };
    });
    const { name } = await first.manager.start(Copy, { value: "x" });
    await settled();
    await first.die();
    const finish = Promise.withResolvers<void>();
    second.manager.register(Copy, async () => {
      await finish.promise;
      return { value: "second" };
    });
    clock.advance(LEASE_MS);
    const { code } = await heard.promise;
    await settled();
    finish.resolve();
    expect([code, await responseOf(ended(name)), first.manager.running]).toEqual([
      Code.FailedPrecondition,
      "second",
      0,
    ]);
  });

  it("fails for good where it throws", async () => {
    const { server, ended } = openShared();
    const { manager } = server();
    manager.register(Copy, () => {
      throw new Error("broken");
    });
    const { name } = await manager.start(Copy, { value: "x" });
    expect(errorOf(await ended(name))[0]).toBe(Code.Internal);
  });

  it("is told of a cancel that came while nobody ran it", async () => {
    const { server, store, ended } = openShared();
    const first = server();
    first.manager.register(Copy, forever);
    const { name } = await first.manager.start(Copy, { value: "x" });
    await first.die();
    await update(store, name, requestCancel);
    server().manager.register(Copy, async ({ signal }) => {
      if (!signal.aborted) await once(signal, "abort");
      throw signal.reason;
    });
    expect(errorOf(await ended(name))[0]).toBe(Code.Canceled);
  });

  it("has a signal that is aborted already where it begins after a cancel", async () => {
    const { server, store, ended } = openShared();
    const first = server();
    first.manager.register(Copy, forever);
    const { name } = await first.manager.start(Copy, { value: "x" });
    await first.die();
    await update(store, name, requestCancel);
    server().manager.register(Copy, ({ signal, attempt }) => ({
      value: `${attempt} ${(signal.reason as ConnectError | undefined)?.rawMessage}`,
    }));
    expect(await responseOf(ended(name))).toBe(`2 ${cancelledByClient(name).rawMessage}`);
  });

  it.each<[what: string, then: string, attemptThen: number, value: string]>([
    ["is given back when its server stops, and the attempt does not count", "throws", 0, "1 so far"],
    // It may go on while the next attempt runs.
    ["is given back when its server stops, and counts where it does not hear", "goes on", 1, "2 "],
  ])("%s", async (_what, then, attemptThen, value) => {
    const { server, clock, now, ended } = openShared();
    const first = server({ graceMs: 1_000 });
    first.manager.register(Copy, async ({ signal, progress }) => {
      await once(signal, "abort");
      if (then === "goes on") return forever();
      progress({ message: "so far" });
      throw signal.reason;
    });
    const { name } = await first.manager.start(Copy, { value: "x" });
    const closing = first.manager.close();
    await settled();
    clock.advance(1_000);
    await closing;
    const metadata = unpacked(OperationMetadataSchema, (await now(name)).metadata as never);
    server().manager.register(Copy, ({ attempt, lastMetadata }) => ({
      value: `${attempt} ${lastMetadata?.message}`,
    }));
    expect([metadata.state, metadata.attempt, await responseOf(ended(name))]).toEqual([
      OperationMetadata_State.PENDING,
      attemptThen,
      value,
    ]);
  });

  it("ends as CANCELLED, and is not given back, where a client cancelled it before its server stopped", async () => {
    const { server, store, ended } = openShared();
    const first = server();
    first.manager.register(Copy, async ({ signal }: CopyRun) => {
      await once(signal, "abort");
      await settled();
      throw signal.reason;
    });
    const { name } = await first.manager.start(Copy, { value: "x" });
    await update(store, name, requestCancel);
    await settled();
    await first.manager.close();
    expect(errorOf(await ended(name))[0]).toBe(Code.Canceled);
  });
});

describe("a resumable type", () => {
  it("cannot be started where its handler is not registered", async () => {
    const { manager } = openShared().server();
    await expect(manager.start(Copy, { value: "x" })).rejects.toThrow(
      'handler "test.Copy" is not registered',
    );
  });

  it("cannot be started with work of its own", async () => {
    const { manager } = openShared().server();
    manager.register(Copy, () => ({ value: "" }));
    await expect(manager.start(Copy, (() => ({})) as never)).rejects.toThrow("it takes an input, not work");
  });

  it("has one handler", () => {
    const { manager } = openShared().server();
    manager.register(Copy, () => ({ value: "" }));
    expect(() => manager.register(Copy, () => ({ value: "" }))).toThrow("is registered already");
  });
});
