import { expect, it } from "vitest";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { ended, keep, NOON_MS, running } from "../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../postgres/ask.ts";
import { startPostgres } from "../postgres/postgres-server.ts";
import { startProxy } from "../postgres/proxy.ts";

it("F6 a commit that a crash took back is not answered for one that got its number, and that is long past", {
  timeout: 60_000,
}, async () => {
  // What is not committed is not on disk when it crashes.
  await using postgres = await startPostgres({ wal_writer_delay: "10s" });
  await using proxy = await startProxy(postgres.port);
  const url = new URL(postgres.url);
  url.port = String(proxy.port);
  await using other = await PostgresStore.open(postgres.url);
  await using store = await PostgresStore.open(url.href);
  await keep(store, running("a"));
  proxy.spoilNextCommit("cut before");
  const writing = store.replace(ended(running("a"), NOON_MS)).catch(() => "refused");
  await proxy.spoiled();
  proxy.mode = "refuse";
  await postgres.kill();
  await postgres.restart();
  for (let i = 0; i < 50; i++) await other.insert(running(`other ${i}`)).catch(() => false);
  await ask(postgres.url, "checkpoint");
  proxy.mode = "pass";
  const told = await writing;
  const kept = await other.get("operations/a");
  expect([told === true, kept?.message.done]).toEqual([false, false]);
});
