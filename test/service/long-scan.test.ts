import { createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { keep, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { openEmptySqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { openService } from "./open-service.ts";
import { grpc } from "./protocols.ts";

const OPERATIONS = 5_000;

/** Every operation is looked at, for each of its restrictions. */
const TOILSOME = Array(100).fill('name="x*"').join(" OR ");

async function fill(store: OperationStore): Promise<void> {
  for (let i = 0; i < OPERATIONS; i++) await keep(store, running(String(i), { createTimeMs: NOON_MS - i }));
}

describe.each<[string, () => Promise<OperationStore>]>([
  ["memory", async () => new MemoryStore()],
  ["SQLite", openEmptySqliteStore],
])("while Lists look for what few operations match, in %s", (_, openStore) => {
  it("others are answered", async () => {
    const store = await openStore();
    await fill(store);
    await using service = await openService(grpc, { store });
    const health = createClient(Health, service.connection.transport);
    await health.check({});
    const order: string[] = [];
    const lists = Array.from({ length: 5 }, async () => {
      await service.client.listOperations({ filter: TOILSOME });
      order.push("list");
    });
    for (const _check of [1, 2, 3, 4, 5]) {
      await health.check({});
      order.push("health");
    }
    await Promise.all(lists);
    await store[Symbol.asyncDispose]();
    expect(order).toEqual([...Array(5).fill("health"), ...Array(5).fill("list")]);
  });
});
