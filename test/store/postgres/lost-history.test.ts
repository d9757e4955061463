import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { PostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import {
  assertSame,
  ended,
  keep,
  NOON_MS,
  running,
} from "../../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../../postgres/ask.ts";
import { freePort } from "../../postgres/free-port.ts";
import { type PostgresServer, startPostgres, startPromotedCopy } from "../../postgres/postgres-server.ts";
import { startProxy } from "../../postgres/proxy.ts";

/**
 * An operation that runs, in a store with one connection, whose next commit is lost before PostgreSQL hears of it.
 * Where the address leads from then on, leads nowhere until `leadTo` is called.
 */
async function keepRunning(server: PostgresServer) {
  const proxy = await startProxy(server.port);
  const url = new URL(server.url);
  url.port = String(proxy.port);
  const store = await PostgresStore.open(url.href, { schema: randomUUID(), connections: 1 });
  await keep(store, running("a"));
  return {
    store,
    /** Begins to end the operation. Resolves once the commit is lost, with the promise of what becomes of it. */
    async loseCommit() {
      proxy.target = await freePort();
      proxy.spoilNextCommit("cut before");
      const replaced = store.replace(ended(running("a"), NOON_MS)).catch((error: unknown) => error);
      await proxy.spoiled();
      return { replaced };
    },
    leadTo(next: PostgresServer) {
      proxy.target = next.port;
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Commits so many transactions that each gives its number to somebody. */
async function useNumbers(server: PostgresServer): Promise<void> {
  await ask(
    server.url,
    "do $$ begin for i in 1..2000 loop perform pg_current_xact_id(); commit; end loop; end $$",
  );
}

function codeOf(error: unknown): Code | undefined {
  return error instanceof ConnectError ? error.code : undefined;
}

describe("a write whose commit is lost", () => {
  it("is not taken for another's of the same number, that the standby which was promoted has made", async () => {
    await using primary = await startPostgres();
    await using client = await keepRunning(primary);
    await primary.crash();
    await using promoted = await startPromotedCopy(primary);
    await useNumbers(promoted);
    await primary.restart();
    await expect.poll(() => client.store.get("operations/a").then(Boolean, () => false)).toBe(true);
    const { replaced } = await client.loseCommit();
    client.leadTo(promoted);
    expect(codeOf(await replaced)).toBe(Code.Unavailable);
  });

  it("is not taken for another's of the same number in another database at the same address", async () => {
    await using server = await startPostgres();
    await using other = await startPostgres();
    await useNumbers(other);
    await using client = await keepRunning(server);
    const { replaced } = await client.loseCommit();
    client.leadTo(other);
    expect(codeOf(await replaced)).toBe(Code.Unavailable);
  });

  it("is not taken for another's that got its number after a crash", async () => {
    // What is not committed is on disk seldom, so that the crash takes the number back.
    await using server = await startPostgres({ wal_writer_delay: "10s" });
    await using client = await keepRunning(server);
    const { replaced } = await client.loseCommit();
    await server.crash();
    await server.restart();
    await useNumbers(server);
    client.leadTo(server);
    expect(codeOf(await replaced)).toBe(Code.Unavailable);
  });

  it("is known not to be made at once where nobody got its number after a crash", async () => {
    await using server = await startPostgres({ wal_writer_delay: "10s" });
    await using client = await keepRunning(server);
    const { replaced } = await client.loseCommit();
    await server.crash();
    await server.restart();
    client.leadTo(server);
    expect(codeOf(await replaced)).toBe(Code.Unavailable);
    assertSame(await client.store.get("operations/a"), running("a"));
  });
});
