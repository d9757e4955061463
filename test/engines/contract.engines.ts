import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";
import type { Logger } from "../../src/operation/logger.ts";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { type EmptyDatabase, openEmptyDatabase } from "../postgres/postgres-server.ts";
import { describeEngineContract } from "./engine-contract.ts";
import { openFleet } from "./fleet.ts";
import { useRedis } from "./use-redis.ts";

let folder: string;
const redis = useRedis();
let database: EmptyDatabase;
let cases = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "longrunning-engines-"));
  database = await openEmptyDatabase();
});

afterAll(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function openBullMq(logger: Logger | undefined): BullMqEngine {
  return new BullMqEngine({ connection: redis.url, prefix: redis.prefix, logger });
}

/** Each case has a schema of its own. */
function openPostgres(): Promise<PostgresStore> {
  return PostgresStore.open(database.url, { schema: `case_${cases++}` });
}

/** Each case has a file of its own. */
function openSqlite(): Promise<SqliteStore> {
  return SqliteStore.open(join(folder, `${cases++}.db`));
}

describeEngineContract("claims, in memory", async () => openFleet(() => undefined));
describeEngineContract("claims, on PostgreSQL", async () => openFleet(() => undefined, await openPostgres()));
describeEngineContract("BullMQ, in memory", async () => openFleet(openBullMq));
describeEngineContract("BullMQ, on SQLite", async () => openFleet(openBullMq, await openSqlite()));
describeEngineContract("BullMQ, on PostgreSQL", async () => openFleet(openBullMq, await openPostgres()));
