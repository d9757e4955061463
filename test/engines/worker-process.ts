import { BullMqEngine } from "../../src/engine/bullmq/bullmq-engine.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { Copy } from "./fleet.ts";

// A worker on PostgreSQL and BullMQ, whose work never ends. It says what it has begun.
const [database = "", connection = "", prefix = ""] = process.argv.slice(2);
const store = await PostgresStore.open(database);
const workerOptions = { lockDuration: 2_000, stalledInterval: 1_000 };
const engine = new BullMqEngine({ connection, prefix, workerOptions });
const manager = new OperationManager(store, { engine, leaseMs: 2_000 });
manager.register(Copy, ({ name, attempt }) => {
  console.log(`begun ${name} ${attempt}`);
  return new Promise(() => {});
});
