import { type ChildProcess, fork } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { on, once } from "node:events";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres } from "../test/postgres/postgres-server.ts";
import { Figures, judge, median, percentile, rounded } from "./figures.ts";
import { postgresCpuMs } from "./postgres-cpu.ts";
import type { WakeRequest, WakeTimes } from "./postgres-wake-server.ts";

// How soon four servers of one PostgreSQL, each a process, learn of what another has completed; beside a bare
// NOTIFY at the rate of their hints, which commits nothing to disk and so is measured against the time from the
// commit's answer on, and beside one NOTIFY for each operation in its transaction. Each run has all
// of them, one after the other, in one database. The processor time of PostgreSQL is that of all its processes.
const RUNS = 5;
const SERVERS = 4;
const SECONDS = 3;
const HIGH = 10_000;
const LOW = 2_000;

await using postgres = await startPostgres();
const schema = randomUUID();

/** A server that answers one request after another. */
class Server {
  readonly #child: ChildProcess;
  readonly #answers: ReturnType<typeof on>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#answers = on(child, "message");
  }

  static async start(): Promise<Server> {
    const script = join(import.meta.dirname, "postgres-wake-server.ts");
    const server = new Server(fork(script, [postgres.url, schema], { serialization: "advanced" }));
    await server.answer();
    return server;
  }

  tell(message: WakeRequest | "begin" | "stop"): void {
    this.#child.send(message);
  }

  /** What it has measured; or that it is ready to. */
  async answer(): Promise<WakeTimes | "ready"> {
    const { value } = await this.#answers.next();
    // The other side is this bench's own.
    return value[0] as WakeTimes | "ready";
  }

  async measured(): Promise<WakeTimes> {
    const times = await this.answer();
    if (times === "ready") throw new Error("a server has measured nothing");
    return times;
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.tell("stop");
    await exited;
  }
}

const servers: Server[] = [];
for (let i = 0; i < SERVERS; i++) servers.push(await Server.start());

/** Tells each server something, and waits until all have answered. */
async function tellAll(messageOf: (server: number) => WakeRequest): Promise<void> {
  for (const [i, server] of servers.entries()) server.tell(messageOf(i));
  for (const server of servers) await server.answer();
}

const delays = new Figures();
const loads = new Figures();
let nextNumber = 0;

/** Notes how long it took from one moment to the other, for each. */
function note(of: string, from: Float64Array, to: Float64Array, into: number[]): void {
  for (let i = 0; i < from.length; i++) into.push((to[i] ?? Number.NaN) - (from[i] ?? Number.NaN));
  if (into.some(Number.isNaN)) throw new Error(`${of}: a time is missing`);
}

function notePercentiles(of: string, delaysMs: readonly number[]): void {
  delays.note(`${of}: p50`, percentile(delaysMs, 50));
  delays.note(`${of}: p99`, percentile(delaysMs, 99));
}

async function complete(call: "complete" | "complete each with its notify", perSecond: number, of: string) {
  const count = (perSecond * SECONDS) / SERVERS;
  const first = nextNumber;
  nextNumber += count * SERVERS;
  const from = (server: number) => first + (server % SERVERS) * count;
  await tellAll((server) => ({ call: "insert", from: from(server), count }));
  // What is told of the new operations is heard by now.
  await new Promise((resolve) => setTimeout(resolve, 500));
  await tellAll((server) => ({
    call,
    from: from(server),
    awaitedFrom: from(server + 1),
    count,
    perSecond: perSecond / SERVERS,
  }));
  const cpuBeforeMs = postgresCpuMs(postgres);
  const beginMs = performance.now();
  for (const server of servers) server.tell("begin");
  const times = await Promise.all(servers.map((server) => server.measured()));
  const tookMs = performance.now() - beginMs;
  loads.note(
    `${of}: PostgreSQL, µs per operation`,
    ((postgresCpuMs(postgres) - cpuBeforeMs) * 1_000) / (count * SERVERS),
  );
  loads.note(`${of}: PostgreSQL, % of a core`, ((postgresCpuMs(postgres) - cpuBeforeMs) / tookMs) * 100);
  loads.note(`${of}: operations/s`, (count * SERVERS) / (tookMs / 1_000));
  const fromCall: number[] = [];
  const fromAnswer: number[] = [];
  for (const [i, { noticed }] of times.entries()) {
    const other = times[(i + 1) % SERVERS];
    if (other === undefined) continue;
    note(of, other.called, noticed, fromCall);
    note(of, other.answered, noticed, fromAnswer);
  }
  notePercentiles(`${of}, from the call`, fromCall);
  notePercentiles(`${of}, from the answer`, fromAnswer);
}

async function bare(perSecond: number, payloadBytes: number) {
  const [listener, notifier] = servers;
  if (listener === undefined || notifier === undefined) return;
  const request = { count: Math.round(perSecond * SECONDS), perSecond, payloadBytes };
  listener.tell({ call: "listen", ...request });
  await listener.answer();
  notifier.tell({ call: "notify", ...request });
  const told = await notifier.measured();
  const heard = await listener.measured();
  const delaysMs: number[] = [];
  note("bare", told.called, heard.noticed, delaysMs);
  notePercentiles("bare NOTIFY, at the rate of the hints", delaysMs);
}

/** Notifies by a bare client, at a rate, while something else goes on: what a NOTIFY takes on a machine that is busy. */
async function bareBeside(perSecond: number, payloadBytes: number, other: () => Promise<void>) {
  const [listener, notifier] = [
    new Client({ connectionString: postgres.url }),
    new Client({ connectionString: postgres.url }),
  ];
  await Promise.all([listener.connect(), notifier.connect()]);
  const sent: number[] = [];
  const delaysMs: number[] = [];
  listener.on("notification", ({ payload = "" }) => {
    delaysMs.push(performance.now() - (sent[Number.parseInt(payload, 10)] ?? Number.NaN));
  });
  await listener.query("listen bare");
  const notifying: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    const payload = String(sent.push(performance.now()) - 1).padEnd(payloadBytes);
    notifying.push(notifier.query("select pg_notify('bare', $1)", [payload]));
  }, 1_000 / perSecond);
  await other();
  clearInterval(timer);
  await Promise.all(notifying);
  await Promise.all([listener.end(), notifier.end()]);
  notePercentiles(`bare NOTIFY beside the store at ${HIGH}/s`, delaysMs);
}

/** What the hints are that servers send at a rate: how many a second, and how long. */
async function countHints(): Promise<{ perSecond: number; bytes: number }> {
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  let hints = 0;
  let bytes = 0;
  client.on("notification", ({ payload = "" }) => {
    hints++;
    bytes += payload.length;
  });
  const hash = createHash("sha256").update(`"${schema}"`).digest("hex").slice(0, 32);
  await client.query(`listen longrunning_${hash}`);
  // What insertion tells is not counted.
  await complete("complete", LOW, "warm-up");
  hints = 0;
  bytes = 0;
  const beginMs = performance.now();
  await complete("complete", HIGH, "warm-up");
  const seconds = (performance.now() - beginMs) / 1_000;
  await client.end();
  return { perSecond: hints / seconds, bytes: bytes / hints };
}

const hints = await countHints();
console.log(`hints at ${HIGH}/s: ${rounded(hints.perSecond)} a second, ${rounded(hints.bytes)} bytes each`);
delays.clear();
loads.clear();
const high = `store, ${HIGH}/s`;
const low = `store, ${LOW}/s`;
const each = `a NOTIFY for each, ${LOW}/s`;
for (let i = 0; i < RUNS; i++) {
  await bareBeside(hints.perSecond, Math.min(7_900, Math.round(hints.bytes)), () =>
    complete("complete", HIGH, high),
  );
  await bare(hints.perSecond, Math.min(7_900, Math.round(hints.bytes)));
  await complete("complete", LOW, low);
  await complete("complete each with its notify", LOW, each);
}
for (const server of servers) await server.stop();
delays.print("from a completion at one server until another notices, ms");
loads.print("load");
console.log();
const floor = "bare NOTIFY, at the rate of the hints";
judge(
  "p50 from the answer, to a bare NOTIFY",
  delays.ratio(`${high}, from the answer: p50`, `${floor}: p50`),
  {
    below: 5,
  },
);
judge(
  "p99 from the answer, to a bare NOTIFY",
  delays.ratio(`${high}, from the answer: p99`, `${floor}: p99`),
  {
    below: 10,
  },
);
const beside = `bare NOTIFY beside the store at ${HIGH}/s`;
for (const [percent, below] of [
  ["p50", 5],
  ["p99", 10],
] as const) {
  const ratio = delays.ratio(`${high}, from the answer: ${percent}`, `${beside}: ${percent}`);
  judge(`${percent} from the answer, to a bare NOTIFY on the machine as busy`, ratio, { below });
}
judge(
  "PostgreSQL's processor time, a NOTIFY for each to the store",
  loads.ratio(`${each}: PostgreSQL, µs per operation`, `${low}: PostgreSQL, µs per operation`),
  { least: 3 },
);
const rate = median(loads.of(`${high}: operations/s`));
judge("operations a second", rate, { least: 0.9 * HIGH });
