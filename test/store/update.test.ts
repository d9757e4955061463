import { describe, expect, it } from "vitest";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import { reportProgress, requestCancel, type Transition } from "../../src/operation/transition.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { update } from "../../src/store/update.ts";
import { anyOf, progressed, running } from "../../src/testing/store-contract/sample-operations.ts";

const NAME = "operations/a";

async function storeWith(stored: StoredOperation): Promise<MemoryStore> {
  const store = new MemoryStore();
  await store.insert(stored);
  return store;
}

/** Counts in the metadata's first byte. */
const countOn: Transition = (stored) =>
  reportProgress(anyOf("a/b.Count", [(stored.message.metadata?.value[0] ?? 0) + 1]))(stored);

const refuse: Transition = () => {
  throw new RangeError("not so");
};

describe("update", () => {
  it("answers what the operation is now", async () => {
    const store = await storeWith(running("a"));
    expect(await update(store, NAME, requestCancel)).toEqual({
      ...running("a"),
      cancelRequested: true,
      revision: 2,
    });
  });

  it("keeps what it answers", async () => {
    const store = await storeWith(running("a"));
    const answer = await update(store, NAME, requestCancel);
    expect(await store.get(NAME)).toEqual(answer);
  });

  it("answers undefined for an operation that is not kept", async () => {
    expect(await update(new MemoryStore(), NAME, requestCancel)).toBeUndefined();
  });

  it("changes nothing where the transition changes nothing", async () => {
    const store = await storeWith(running("a"));
    await update(store, NAME, (stored) => stored);
    expect((await store.get(NAME))?.revision).toBe(1);
  });

  it("announces nothing where the transition changes nothing", async () => {
    const store = await storeWith(running("a"));
    let announcements = 0;
    store.changes.subscribe(NAME, () => announcements++);
    await update(store, NAME, (stored) => stored);
    expect(announcements).toBe(0);
  });

  it("throws what the transition throws", async () => {
    const store = await storeWith(running("a"));
    await expect(update(store, NAME, refuse)).rejects.toThrow(new RangeError("not so"));
  });

  it("changes nothing where the transition throws", async () => {
    const store = await storeWith(running("a"));
    await update(store, NAME, refuse).catch(() => {});
    expect(await store.get(NAME)).toEqual(running("a"));
  });

  it("makes the transition again, of what is new, where somebody else was quicker", async () => {
    const store = await storeWith(running("a"));
    const revisions: number[] = [];
    const changed = update(store, NAME, (stored) => {
      revisions.push(stored.revision);
      return requestCancel(stored);
    });
    await store.replace(progressed(running("a")));
    await changed;
    expect(revisions).toEqual([1, 2]);
  });

  it("answers undefined where the operation is deleted before the transition is kept", async () => {
    const store = await storeWith(running("a"));
    const changed = update(store, NAME, requestCancel);
    await store.delete(NAME);
    expect(await changed).toBeUndefined();
  });

  it("loses none of 100 changes at once", async () => {
    const store = await storeWith(running("a"));
    await Promise.all(Array.from({ length: 100 }, () => update(store, NAME, countOn)));
    expect((await store.get(NAME))?.message.metadata?.value).toEqual(Uint8Array.of(100));
  });
});
