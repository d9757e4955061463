import { randomUUID } from "node:crypto";
import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { type Heard, type Notifier, silentNotifier } from "../../src/store/postgres/notifier.ts";
import type { PostgresStoreOptions } from "../../src/store/postgres/postgres-store.ts";
import { RemoteStore } from "../../src/store/remote/remote-store.ts";
import { shareStore } from "../../src/store/remote/store-owner.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { systemClock } from "../../src/time/clock.ts";
import { usePostgres } from "../store/postgres/open-postgres-store.ts";
import { portChannel } from "../store/remote/port-channel.ts";
import { openEmptySqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { openService } from "./open-service.ts";
import { grpc } from "./protocols.ts";
import { finish, keepRunning, step } from "./stored.ts";
import { watching } from "./watching.ts";

const postgres = usePostgres();

/** Stores of the same operations, as two processes have them: where they change, and where they are watched. */
interface Two extends AsyncDisposable {
  readonly here: OperationStore;
  readonly there: OperationStore;
}

function two(here: OperationStore, there: OperationStore, dispose?: () => void): Two {
  return {
    ...{ here, there },
    async [Symbol.asyncDispose]() {
      dispose?.();
      if (there !== here) await there[Symbol.asyncDispose]();
      await here[Symbol.asyncDispose]();
    },
  };
}

async function openPostgres(options: PostgresStoreOptions = {}): Promise<Two> {
  const schema = randomUUID();
  return two(await postgres.open({ schema, ...options }), await postgres.open({ schema, ...options }));
}

function openRemote(): Two {
  const { port1, port2 } = new MessageChannel();
  const here = new MemoryStore();
  shareStore(here, portChannel(port1));
  return two(here, new RemoteStore(portChannel(port2)), () => port1.close());
}

const stores: readonly (readonly [string, () => Promise<Two>])[] = [
  ["an SQLite file", async () => openEmptySqliteStore().then((store) => two(store, store))],
  ["a store that another process owns", async () => openRemote()],
  ["PostgreSQL, by another server", openPostgres],
  ["PostgreSQL, by another server that tells nobody", () => openPostgres({ notifier: silentNotifier })],
];

describe.each(stores)("what changes in %s", (_, open) => {
  it("is told to those who watch it by name, to its end", async () => {
    await using stores = await open();
    await using service = await openService(grpc, { store: stores.there, clock: systemClock });
    const name = await keepRunning(stores.here);
    const events = watching(service.connection.transport, { names: [name] });
    await events.upTo("complete");
    await step(stores.here, name, 1);
    const first = await events.next();
    await finish(stores.here, name);
    expect([first, await events.rest()]).toEqual([
      `${name} running`,
      [`${name} done`, "end ALL_DONE", "closed"],
    ]);
  });

  it("is told to those who watch its parent", async () => {
    await using stores = await open();
    await using service = await openService(grpc, { store: stores.there, clock: systemClock });
    const parent = "projects/a";
    const older = await keepRunning(stores.here, { parent });
    await using events = watching(service.connection.transport, { parent, filter: "done=false" });
    const snapshot = await events.upTo("complete");
    const newer = await keepRunning(stores.here, { parent });
    const fresh = await events.next();
    await finish(stores.here, older);
    const unmatched = await events.next();
    await stores.here.delete(newer);
    expect([snapshot, fresh, unmatched, await events.next()]).toEqual([
      [`${older} running`, "complete"],
      `${newer} running`,
      `gone ${older} UNMATCHED`,
      `gone ${newer} DELETED`,
    ]);
  });
});

describe("changes at another server of PostgreSQL", () => {
  it("are told as the latest state of each, however quickly they come", async () => {
    await using stores = await openPostgres();
    await using service = await openService(grpc, { store: stores.there, clock: systemClock });
    await using events = watching(service.connection.transport, {});
    await events.upTo("complete");
    const ids = Array.from({ length: 900 }, (_, i) => `${i}`);
    const names = await Promise.all(ids.map((id) => keepRunning(stores.here, { id })));
    await Promise.all(names.map((name) => finish(stores.here, name)));
    const done = new Set<string>();
    while (done.size < names.length) {
      const word = await events.next();
      if (word.endsWith(" done")) done.add(word);
    }
    expect(done).toEqual(new Set(names.map((name) => `${name} done`)));
  });

  it("are looked for at once where hints were lost", async () => {
    let heard: Heard | undefined;
    const notifier: Notifier = {
      ...silentNotifier,
      listen: async (by) => {
        heard = by;
      },
    };
    await using stores = await openPostgres({ notifier });
    // A clock that stands still: nobody looks by themselves.
    await using service = await openService(grpc, { store: stores.there, clock: new FakeClock() });
    await using events = watching(service.connection.transport, {});
    await events.upTo("complete");
    const name = await keepRunning(stores.here);
    heard?.gap();
    expect(await events.next()).toBe(`${name} running`);
  });
});
