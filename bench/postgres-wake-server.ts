import { on } from "node:events";
import { PostgresStore } from "longrunning/postgres";
import { Client, Pool } from "pg";
import { recordOf } from "../src/store/operation-record.ts";
import { Writes } from "../src/store/postgres/writes.ts";
import { keepInFlight } from "./figures.ts";
import { endSample, sampleName, sampleRunning } from "./sample-operations.ts";

/** What a server of postgres-wake.ts is asked for. Operations are told by their numbers. */
export type WakeRequest =
  | { readonly call: "insert"; readonly from: number; readonly count: number }
  | {
      /** Completes operations at a rate, and waits for those of another server. */
      readonly call: "complete" | "complete each with its notify";
      readonly from: number;
      readonly awaitedFrom: number;
      readonly count: number;
      readonly perSecond: number;
    }
  | {
      /** Sends bare hints at a rate, or listens for them. */
      readonly call: "notify" | "listen";
      readonly count: number;
      readonly perSecond: number;
      readonly payloadBytes: number;
    };

/** By the monotonic clock of the machine, in milliseconds: when each was asked for, answered, and noticed. */
export interface WakeTimes {
  readonly called: Float64Array;
  readonly answered: Float64Array;
  readonly noticed: Float64Array;
}

const [url = "", schema = ""] = process.argv.slice(2);
const EACH = "each";
const BARE = "bare";

const messages = on(process, "message");

const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
const newTimes = (count: number): WakeTimes => ({
  called: new Float64Array(count),
  answered: new Float64Array(count),
  noticed: new Float64Array(count),
});

/** Calls so many times, evenly, however long the answers take. Resolves once all are answered. */
async function atRate(count: number, perSecond: number, call: (i: number) => Promise<unknown>) {
  const startMs = nowMs();
  const answers: Promise<unknown>[] = [];
  while (answers.length < count) {
    const due = Math.min(count, Math.floor(((nowMs() - startMs) / 1_000) * perSecond));
    while (answers.length < due) answers.push(call(answers.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(answers);
}

/** Notes when each of so many was noticed first. Resolves once all are. */
function noticing(times: WakeTimes) {
  const all = Promise.withResolvers<void>();
  let left = times.noticed.length;
  const notice = (i: number) => {
    if (times.noticed[i] !== 0) return;
    times.noticed[i] = nowMs();
    if (--left === 0) all.resolve();
  };
  return { notice, all: all.promise };
}

async function complete(store: PostgresStore, request: WakeRequest & { call: "complete" }) {
  const { from, awaitedFrom, count, perSecond } = request;
  const times = newTimes(count);
  const { notice, all } = noticing(times);
  for (let i = 0; i < count; i++) {
    const unsubscribe = store.changes.subscribe(sampleName(awaitedFrom + i), () => {
      unsubscribe();
      notice(i);
    });
  }
  // As whoever waits does: so that a sweep tells of no change that was before.
  await Promise.all(Array.from({ length: count }, (_, i) => store.get(sampleName(awaitedFrom + i))));
  process.send?.("ready");
  await messages.next();
  await atRate(count, perSecond, async (i) => {
    times.called[i] = nowMs();
    await store.replace({ ...endSample(sampleRunning(from + i)), revision: 2 });
    times.answered[i] = nowMs();
  });
  await all;
  return times;
}

/** What is usual instead: each operation in a transaction of its own, which also tells the others. */
async function completeEach(request: WakeRequest & { call: "complete each with its notify" }) {
  const { from, awaitedFrom, count, perSecond } = request;
  const times = newTimes(count);
  const { notice, all } = noticing(times);
  const numbers = new Map(Array.from({ length: count }, (_, i) => [sampleName(awaitedFrom + i), i]));
  const listener = await listen(EACH, (payload) => {
    const number = numbers.get(payload);
    if (number !== undefined) notice(number);
  });
  const pool = new Pool({ connectionString: url, max: 10 });
  process.send?.("ready");
  await messages.next();
  const writes = new Writes(`"${schema}"`);
  await atRate(count, perSecond, async (i) => {
    times.called[i] = nowMs();
    const record = recordOf({ ...endSample(sampleRunning(from + i)), revision: 2 });
    const client = await pool.connect();
    await client.query("begin");
    await writes.make(client, [{ call: "replace", record }]);
    await client.query({ name: "notify", text: `select pg_notify('${EACH}', $1)`, values: [record.name] });
    await client.query("commit");
    client.release();
    times.answered[i] = nowMs();
  });
  await all;
  await pool.end();
  await listener.end();
  return times;
}

async function listen(channel: string, hear: (payload: string) => void): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  client.on("notification", ({ payload = "" }) => hear(payload));
  await client.query(`listen ${channel}`);
  return client;
}

async function bareNotify({ count, perSecond, payloadBytes }: WakeRequest & { call: "notify" }) {
  const times = newTimes(count);
  const client = new Client({ connectionString: url });
  await client.connect();
  const filling = "x".repeat(payloadBytes);
  let last: Promise<unknown> = Promise.resolve();
  await atRate(count, perSecond, (i) => {
    // One under way at a time, as a store does it.
    last = last.then(async () => {
      times.called[i] = nowMs();
      const values = [`${i} ${filling}`];
      await client.query({ name: "notify", text: `select pg_notify('${BARE}', $1)`, values });
      times.answered[i] = nowMs();
    });
    return last;
  });
  await client.end();
  return times;
}

async function bareListen({ count }: WakeRequest & { call: "listen" }) {
  const times = newTimes(count);
  const { notice, all } = noticing(times);
  const client = await listen(BARE, (payload) => notice(Number.parseInt(payload, 10)));
  process.send?.("ready");
  await all;
  await client.end();
  return times;
}

const store = await PostgresStore.open(url, { schema });

async function answer(request: WakeRequest): Promise<WakeTimes> {
  switch (request.call) {
    case "insert": {
      const numbers = Array.from({ length: request.count }, (_, i) => request.from + i);
      await keepInFlight(1_000, numbers, (number) => store.insert(sampleRunning(number)));
      return newTimes(0);
    }
    case "complete":
      return complete(store, { ...request, call: "complete" });
    case "complete each with its notify":
      return completeEach({ ...request, call: "complete each with its notify" });
    case "notify":
      return bareNotify({ ...request, call: "notify" });
    case "listen":
      return bareListen({ ...request, call: "listen" });
  }
}

process.send?.("ready");
for await (const [request] of messages) {
  if (request === "stop") break;
  process.send?.(await answer(request));
}
process.disconnect();
await store[Symbol.asyncDispose]();
