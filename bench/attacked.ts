import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning";
import { type AttackedProcess, attackedBy, openAttacked } from "../test/attacks/attacked-process.ts";
import { ATTACKS } from "../test/attacks/attacks.ts";
import { RUNNING } from "../test/attacks/names.ts";
import { judge, median, percentile, rounded } from "./figures.ts";

// How long honest callers wait for their answers while hostile clients attack the server: beside what they wait when
// nobody does. Server, hostile clients and honest callers each have a process; the hostile ones yield the processor
// to the others, as if they were on another machine. Figures are the medians of the rounds; of memory, the most.
//   npm run bench:attacked [SPELL_MS [ATTACK…]]
const CALLERS = 8;
const PAUSE_MS = 10;
const ROUNDS = 5;
const SPELL_MS = Number(process.argv[2] ?? 2_000);
const SETTLE_MS = 1_500;
const MOST_RATIO = 3;

/** What honest callers see, and what the server uses, over a spell of time. */
interface Spell {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly refused: number;
  readonly cpuPercent: number;
  readonly rssMib: number;
}

async function honestSpell(server: AttackedProcess): Promise<Spell> {
  const baseUrl = `http://127.0.0.1:${server.port}`;
  const transports = [
    createGrpcTransport({ baseUrl }),
    createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  ];
  const waitedMs: number[] = [];
  let refused = 0;
  await Promise.all(
    transports.map((transport) => createClient(Operations, transport).getOperation({ name: RUNNING })),
  );
  const before = await server.usage();
  const beginMs = performance.now();
  const caller = async (_: unknown, i: number) => {
    const transport = transports[i % transports.length] ?? transports[0];
    if (transport === undefined) return;
    const client = createClient(Operations, transport);
    while (performance.now() - beginMs < SPELL_MS) {
      const calledMs = performance.now();
      await client.getOperation({ name: RUNNING }).catch(() => refused++);
      waitedMs.push(performance.now() - calledMs);
      await pause(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  const after = await server.usage();
  return {
    p50Ms: percentile(waitedMs, 50),
    p99Ms: percentile(waitedMs, 99),
    refused,
    cpuPercent: (100 * (after.cpuMs - before.cpuMs)) / (performance.now() - beginMs),
    rssMib: after.rssMib,
  };
}

/** The same server, while nobody attacks it and then under attack, in turns. */
async function compare(title: string, names: readonly string[]): Promise<number> {
  await using server = await openAttacked();
  await honestSpell(server);
  const idle: Spell[] = [];
  const attacked: Spell[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    idle.push(await honestSpell(server));
    await using _ = attackedBy(server.port, names);
    await pause(SETTLE_MS);
    attacked.push(await honestSpell(server));
  }
  const middle = (spells: readonly Spell[], of: keyof Spell) => median(spells.map((spell) => spell[of]));
  const ratio = middle(attacked, "p99Ms") / middle(idle, "p99Ms");
  const cells = [
    middle(idle, "p50Ms"),
    middle(attacked, "p50Ms"),
    middle(idle, "p99Ms"),
    middle(attacked, "p99Ms"),
    ratio,
    middle(attacked, "cpuPercent"),
    Math.max(...attacked.map(({ rssMib }) => rssMib)),
  ];
  const refused = attacked.reduce((sum, spell) => sum + spell.refused, 0);
  const row = [...cells.map(rounded), String(refused)].map((cell) => cell.padStart(9));
  console.log(`${title.padEnd(58)}${row.join("")}`);
  return ratio;
}

const heads = ["idle p50", "p50 ms", "idle p99", "p99 ms", "ratio", "CPU %", "MiB", "refused"];
console.log(`${"".padEnd(58)}${heads.map((head) => head.padStart(9)).join("")}`);
const ratios = new Map<string, number>();
const ALL = "all of them";
const only = process.argv.slice(3);
for (const name of only.length > 0 ? only : [...Object.keys(ATTACKS), ALL])
  ratios.set(name, await compare(name, name === ALL ? Object.keys(ATTACKS) : [name]));
for (const [name, ratio] of ratios) judge(`honest p99 to idle, ${name}`, ratio, { below: MOST_RATIO });
