import { randomUUID } from "node:crypto";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { PostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import {
  assertSame,
  ended,
  keep,
  NOON_MS,
  running,
} from "../../../src/testing/store-contract/sample-operations.ts";
import { startProxy, type TcpProxy } from "../../postgres/proxy.ts";
import { usePostgres } from "./open-postgres-store.ts";

const postgres = usePostgres();

/** A store behind a proxy. */
async function openBehindProxy(): Promise<{ store: PostgresStore; proxy: TcpProxy }> {
  const url = new URL(postgres.url);
  const proxy = await startProxy(Number(url.port));
  url.port = String(proxy.port);
  return { store: await PostgresStore.open(url.href, { schema: randomUUID() }), proxy };
}

it("a write whose commit was made and not answered, is known to be made", async () => {
  const { store, proxy } = await openBehindProxy();
  await keep(store, running("a"));
  proxy.spoilNextCommit("cut after");
  const done = ended(running("a"), NOON_MS);
  expect(await store.replace(done)).toBe(true);
  assertSame(await store.get("operations/a"), done);
  await store[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

it("a write whose commit never came, is known not to be made", async () => {
  const { store, proxy } = await openBehindProxy();
  await keep(store, running("a"));
  proxy.spoilNextCommit("cut before");
  const error = await store.replace(ended(running("a"), NOON_MS)).catch((error: unknown) => error);
  expect(error instanceof ConnectError && error.code).toBe(Code.Unavailable);
  assertSame(await store.get("operations/a"), running("a"));
  await store[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

it("a hundred writes whose commit was made and not answered, are known to be made, each once", async () => {
  const { store, proxy } = await openBehindProxy();
  proxy.spoilNextCommit("cut after");
  const ids = Array.from({ length: 100 }, (_, i) => String(i));
  const kept = await Promise.all(ids.map((id) => store.insert(running(id))));
  expect([new Set(kept), (await store.list({ parent: "", limit: 200 })).length]).toEqual([
    new Set([true]),
    100,
  ]);
  await store[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});

it("a store whose connections are all cut goes on with new ones", async () => {
  const { store, proxy } = await openBehindProxy();
  await keep(store, running("a"));
  proxy.cutAll();
  await expect.poll(() => store.get("operations/a").then(Boolean, () => false)).toBe(true);
  await store[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
});
