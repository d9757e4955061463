import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { attackedBy, openAttacked } from "../attacks/attacked-process.ts";
import { ATTACKS } from "../attacks/attacks.ts";
import { callHttp1, callHttp2, connectHttp2 } from "./calls.ts";

/** How long an attack goes on at the least, in milliseconds: what it does to the server shows by then. */
const ATTACK_MS = 1_500;

/** How much of requests and answers the server holds, and how much more its process may use: for copies and garbage. */
const HELD_MIB = 32;
const MOST_GROWTH_MIB = 350;

/** Attacks a server, and makes calls of both HTTPs one after another meanwhile. */
async function attackedServer(names: readonly string[]) {
  await using server = await openAttacked({ maxHeldBytes: HELD_MIB * 2 ** 20 });
  const url = `http://127.0.0.1:${server.port}`;
  const session = connectHttp2(url);
  await callHttp2(session);
  const before = await server.usage();
  await using _ = attackedBy(server.port, names);
  const endMs = performance.now() + ATTACK_MS;
  const statuses = new Set<number | undefined>();
  let mostRssMib = 0;
  while (performance.now() < endMs) {
    statuses.add((await callHttp1(url)).status).add((await callHttp2(session)).status);
    mostRssMib = Math.max(mostRssMib, (await server.usage()).rssMib);
    await pause(10);
  }
  const { logged, waiting } = await server.usage();
  session.destroy();
  return {
    statuses: [...statuses],
    isBounded: mostRssMib - before.rssMib < MOST_GROWTH_MIB,
    logged,
    waiting,
  };
}

const EVERY = Object.keys(ATTACKS);

describe.each([...EVERY.map((name) => [name, [name]] as const), ["all of these at once", EVERY] as const])(
  "under attack by %s, a server",
  (_, names) => {
    it("answers honest callers, holds little, logs nothing, and lets nobody wait who has gone", async () => {
      const outcome = { statuses: [200], isBounded: true, logged: [], waiting: 0 };
      expect(await attackedServer(names)).toEqual(outcome);
    });
  },
);
