import { describe, expect, it } from "vitest";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { progressed, running } from "../../src/testing/store-contract/sample-operations.ts";
import { describeStoreContract } from "../../src/testing/store-contract.ts";

describeStoreContract("MemoryStore", async () => new MemoryStore(), { describe, it });

describe("MemoryStore", () => {
  it("shares nothing with another one", async () => {
    await new MemoryStore().insert(running("a"));
    expect(await new MemoryStore().get("operations/a")).toBeUndefined();
  });

  it("announces a change before it answers, so that who waits here waits for nothing else", async () => {
    const store = new MemoryStore();
    const heard: string[] = [];
    store.changes.on("change", (name) => heard.push(name));
    await store.insert(running("a"));
    await store.replace(progressed(running("a")));
    await store.delete("operations/a");
    expect(heard).toEqual(["operations/a", "operations/a", "operations/a"]);
  });
});
