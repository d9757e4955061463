import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { Client, Pool } from "pg";
import { describe, expect, it } from "vitest";
import { PostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { ReadQueue } from "../../../src/store/postgres/read-queue.ts";
import { Transactions } from "../../../src/store/postgres/transactions.ts";
import { keep, progressed, running } from "../../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../../postgres/ask.ts";
import { startPostgres } from "../../postgres/postgres-server.ts";
import { startProxy } from "../../postgres/proxy.ts";
import { until } from "../../until.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** A store behind a proxy, whose address says this too. */
async function openBehindProxy(parameters: Readonly<Record<string, string>> = {}) {
  const url = new URL(postgres.url);
  const proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const schema = randomUUID();
  const store = await PostgresStore.open(url.href, { schema });
  return {
    store,
    proxy,
    schema,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** The codes that calls are refused with; undefined for what is not. */
async function codesOf(calls: readonly Promise<unknown>[]): Promise<ReadonlySet<Code | undefined>> {
  const results = await Promise.allSettled(calls);
  return new Set(
    results.map((result) =>
      result.status === "rejected" && result.reason instanceof ConnectError ? result.reason.code : undefined,
    ),
  );
}

describe.concurrent("while the database hangs", () => {
  it("all writes that wait are refused together, however many they are", async () => {
    await using behind = await openBehindProxy();
    behind.proxy.mode = "hold";
    const startedAt = performance.now();
    const writes = Array.from({ length: 2_000 }, (_, i) => behind.store.insert(running(String(i))));
    expect(await codesOf(writes)).toEqual(new Set([Code.Unavailable]));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it("all reads that wait are refused together, however many they are", async () => {
    await using behind = await openBehindProxy();
    behind.proxy.mode = "hold";
    const startedAt = performance.now();
    const reads = Array.from({ length: 5_000 }, (_, i) => behind.store.get(`operations/${i}`));
    expect(await codesOf(reads)).toEqual(new Set([Code.Unavailable]));
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  it("no more than 500 lists wait", async () => {
    await using behind = await openBehindProxy({ query_timeout: "1000", connect_timeout: "1" });
    behind.proxy.mode = "hold";
    const lists = Array.from({ length: 500 }, () => behind.store.list({ parent: "", limit: 1 }));
    expect(await codesOf([behind.store.list({ parent: "", limit: 1 })])).toEqual(
      new Set([Code.ResourceExhausted]),
    );
    await codesOf(lists);
  });

  it("a store closes all the same", async () => {
    await using server = await startPostgres({ fsync: "off" });
    const store = await PostgresStore.open(server.url);
    await store.hold("o1", 60_000);
    const pids = await ask<{ pid: number }>(
      server.url,
      "select pid from pg_stat_activity where application_name = 'longrunning'",
    );
    for (const { pid } of pids) process.kill(pid, "SIGSTOP");
    const startedAt = performance.now();
    await store[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    for (const { pid } of pids) process.kill(pid, "SIGCONT");
  });

  it("a lease is kept where it is the connection alone that hangs", async () => {
    await using behind = await openBehindProxy();
    await using other = await postgres.open({ schema: behind.schema });
    await behind.store.hold("o1", 4_000);
    await keep(other, running("a", { owner: "o1" }));
    behind.proxy.forgetAll();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    expect(await other.orphans({ handlers: "none", limit: 1 })).toEqual([]);
  });
});

describe("the reads of a store", () => {
  it("are refused beyond a hundred thousand that wait", async () => {
    const queue = new ReadQueue(() => new Promise(() => {}));
    for (let i = 0; i < 102_000; i++) queue.get("operations/a").catch(() => {});
    await expect(queue.get("operations/b")).rejects.toThrow("100000 reads wait for the database");
  });
});

describe.concurrent("a row that somebody else has locked", () => {
  /** Locks a row in a transaction that does nothing more, as somebody does who forgets it. */
  async function lock(schema: string, name: string): Promise<Client> {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query("begin");
    await client.query(`select from "${schema}".operations where name = $1 for update`, [name]);
    return client;
  }

  it("does not keep other writes from being made", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    for (const id of ["a", "b", "c"]) await keep(store, running(id));
    const other = await lock(schema, "operations/b");
    const writes = ["a", "b", "c"].map((id) => store.replace(progressed(running(id))));
    const results = await Promise.allSettled(writes);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await other.end();
  });

  it("is free again where a server that hangs has locked it", async () => {
    const schema = randomUUID();
    await using store = await postgres.open({ schema });
    await keep(store, running("a"));
    const pool = new Pool({ connectionString: postgres.url });
    pool.on("connect", (client) => client.on("error", () => {}));
    const hangs = Promise.withResolvers<void>();
    const locked = Promise.withResolvers<void>();
    const hanging = new Transactions(pool, `"${schema}"`)
      .make(async (client) => {
        await client.query(`update "${schema}".operations set attempt = 7`);
        locked.resolve();
        await hangs.promise;
      })
      .catch(() => {});
    await locked.promise;
    await until(() => store.replace(progressed(running("a"))).catch(() => false));
    hangs.resolve();
    await hanging;
    await pool.end();
  });
});
