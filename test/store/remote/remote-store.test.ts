import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { storeFull } from "../../../src/operation/errors.ts";
import { MemoryStore } from "../../../src/store/memory/memory-store.ts";
import { running } from "../../../src/testing/store-contract/sample-operations.ts";
import { describeStoreContract } from "../../../src/testing/store-contract.ts";
import { refusalOf } from "../../service/refusal.ts";
import { keepRunning } from "../../service/stored.ts";
import { until } from "../../until.ts";
import { openEmptySqliteStore } from "../sqlite/open-sqlite-store.ts";
import { sharedStore } from "./port-channel.ts";

describeStoreContract("of another process, in memory", async () => sharedStore(new MemoryStore()).store, {
  describe,
  it,
});

describeStoreContract(
  "of another process, on SQLite",
  async () => sharedStore(await openEmptySqliteStore()).store,
  { describe, it },
);

describe("a process that uses the store of another", () => {
  it("loses its leases when it dies", async () => {
    const owned = new MemoryStore();
    const { store, port } = sharedStore(owned);
    await store.hold("w1", 1_000);
    await owned.insert({ ...running("a"), owner: "w1" });
    port.close();
    await until(async () => (await owned.orphans({ handlers: "none", limit: 1 })).length === 1);
    expect((await owned.orphans({ handlers: "none", limit: 1 }))[0]?.owner).toBe("w1");
  });

  it("is told of what others have changed", async () => {
    const owned = new MemoryStore();
    const { store } = sharedStore(owned);
    const heard = new Promise((resolve) => store.changes.on("change", resolve));
    const name = await keepRunning(owned);
    expect(await heard).toBe(name);
  });

  it("is refused with UNAVAILABLE when the owner is gone, also in the middle of a call", async () => {
    const { store, port } = sharedStore(new NeverAnswering());
    const asked = refusalOf(store.get("operations/a"));
    await store.keyOf("a", new Uint8Array(16));
    port.close();
    const codes = [(await asked).code, (await refusalOf(store.get("operations/a"))).code];
    expect(codes).toEqual([Code.Unavailable, Code.Unavailable]);
  });

  it("hears that the store is full", async () => {
    const { store } = sharedStore(new FullStore());
    expect((await refusalOf(store.delete("operations/a"))).code).toBe(Code.ResourceExhausted);
  });

  it("hears no more than it may of what went wrong", async () => {
    const { store } = sharedStore(new BrokenStore());
    const { code, rawMessage } = await refusalOf(store.delete("operations/a"));
    expect([code, rawMessage]).toEqual([Code.Unavailable, "the store of operations is not available"]);
  });
});

class NeverAnswering extends MemoryStore {
  override get(): Promise<undefined> {
    return new Promise(() => {});
  }
}

class FullStore extends MemoryStore {
  override async delete(): Promise<boolean> {
    throw storeFull(new Error("the disk is full"));
  }
}

class BrokenStore extends MemoryStore {
  override async delete(): Promise<boolean> {
    throw new TypeError("the secret is 42");
  }
}
