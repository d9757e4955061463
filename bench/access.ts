import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning";
import { openTokenIssuer } from "../test/access/token-issuer.ts";
import { Figures, judge, keepInFlight, median, rounded } from "./figures.ts";
import { sampleName } from "./sample-operations.ts";

// What the gate costs: GetOperation by gRPC of a server that asks for a token whose keys it has, beside one that asks
// nobody. And whether its answers' times tell a name that somebody else has from one that nobody has.
const RUNS = 9;
const KEPT = 2_000;
const CALLS = 1_500;
const IN_FLIGHT = 20;
const MOST_CPU_RATIO = 1.15;
const TIMED = 3_000;

await using issuer = await openTokenIssuer("RS256");
const headers = await issuer.bearer("alice");
const server = fork(join(import.meta.dirname, "access-server.ts"), [issuer.url.href, String(KEPT)]);
const ended = once(server, "exit");
const said = async () => (await Promise.race([once(server, "message"), ended]))[0];
try {
  const urls: Record<"open" | "gated", string> = await said();
  const cpuMs = async (): Promise<number> => {
    server.send("processor time");
    return said();
  };
  const [open, gated] = [clientOf(urls.open), clientOf(urls.gated)];
  const get = (client: typeof open, i: number) => client.getOperation({ name: sampleName(i) }, { headers });

  const cpu = new Figures();
  const wall = new Figures();
  // Alice's are the even ones. The first run warms up, and does not count.
  const own = Array.from({ length: CALLS }, (_, i) => (2 * i) % KEPT);
  for (let run = 0; run <= RUNS; run++) {
    const ways = Object.entries({ open, gated });
    for (const [way, client] of run % 2 === 0 ? ways : ways.reverse()) {
      const [beforeMs, beginMs] = [await cpuMs(), performance.now()];
      await keepInFlight(IN_FLIGHT, own, (i) => get(client, i));
      const [wallMs, usedMs] = [performance.now() - beginMs, (await cpuMs()) - beforeMs];
      if (run === 0) continue;
      wall.note(way, (wallMs * 1_000) / CALLS);
      cpu.note(way, (usedMs * 1_000) / CALLS);
    }
  }
  wall.print("GetOperation by gRPC, µs a call");
  cpu.print("the server's processor time, µs a call");

  const foreign: number[] = [];
  const unknown: number[] = [];
  for (let i = 0; i < TIMED; i++) {
    // The odd ones are bob's, and beyond those that are kept there is nobody's.
    const asked = [
      [foreign, (2 * i + 1) % KEPT],
      [unknown, KEPT + 1 + i],
    ] as const;
    for (const [times, number] of i % 2 === 0 ? asked : asked.toReversed()) {
      const beginMs = performance.now();
      await get(gated, number).catch(() => {});
      times.push((performance.now() - beginMs) * 1_000);
    }
  }
  const [foreignUs, unknownUs] = [median(foreign), median(unknown)];
  console.log(
    `\nrefused, µs a call in the median: bob's ${rounded(foreignUs)}, nobody's ${rounded(unknownUs)}`,
  );
  judge("processor time with the gate, to that without", cpu.ratio("gated", "open"), {
    below: MOST_CPU_RATIO,
  });
  judge("bob's time to nobody's, or the reverse", Math.max(foreignUs / unknownUs, unknownUs / foreignUs), {
    below: 1.05,
  });
} finally {
  server.kill();
  await ended;
}

function clientOf(baseUrl: string) {
  return createClient(Operations, createGrpcTransport({ baseUrl }));
}
