import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { systemClock } from "../../src/time/clock.ts";
import { settled, until } from "../until.ts";
import { type OpenService, openService } from "./open-service.ts";
import { type Connection, grpc } from "./protocols.ts";
import { finish, keepRunning } from "./stored.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const WAITERS = 10_000;

/** One connection takes 1,000 calls at once. */
const CONNECTIONS = 10;

/** How long it may take on a machine that has much else to do. */
const PATIENCE_MS = 120_000;

/** Far more than the 36 KB that a waiter holds while it waits would leave, were one in ten kept. */
const HEAP_LEFT_BYTES = 30 * 1024 * 1024;

interface Crowd {
  readonly name: string;
  readonly answers: Promise<boolean[]>;
}

describe("clients that wait for one operation, 10,000 at once", () => {
  let service: OpenService;
  let connections: Connection[];

  beforeEach(async () => {
    service = await openService(grpc, { clock: systemClock });
    connections = Array.from({ length: CONNECTIONS }, () => grpc.connect(service.server.url));
  });

  afterEach(async () => {
    for (const connection of connections) connection[Symbol.dispose]();
    await service[Symbol.asyncDispose]();
  });

  async function crowd(waitersEach: number): Promise<Crowd> {
    const name = await keepRunning(service.store);
    const answers = connections.flatMap(({ transport }) => {
      const client = createClient(Operations, transport);
      return Array.from({ length: waitersEach }, async () => (await client.waitOperation({ name })).done);
    });
    await until(() => service.operations.service.waiting === connections.length * waitersEach, PATIENCE_MS);
    return { name, answers: Promise.all(answers) };
  }

  it(
    "are all answered, and leave nothing behind",
    async () => {
      const timersBefore = timers();
      const heapBefore = heapBytes();
      const { name, answers } = await crowd(WAITERS / CONNECTIONS);
      await finish(service.store, name);
      const done = await answers;
      await settled();
      expect({
        answered: done.filter(Boolean).length,
        waiting: service.operations.service.waiting,
        subscriptions: service.store.changes.subscriptions,
        timers: timers() - timersBefore <= CONNECTIONS,
        heap: heapBytes() - heapBefore < HEAP_LEFT_BYTES,
      }).toEqual({ answered: WAITERS, waiting: 0, subscriptions: 0, timers: true, heap: true });
    },
    PATIENCE_MS,
  );

  it("leave nothing behind when all their connections break", async () => {
    const { answers } = await crowd(50);
    const broken = answers.catch(() => "broken");
    for (const connection of connections) connection[Symbol.dispose]();
    await until(() => service.operations.service.waiting === 0);
    expect([await broken, service.store.changes.subscriptions]).toEqual(["broken", 0]);
  });
});

/** The timers that keep this process alive: one a waiter, while it waits. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

/** What is in use after a collection. */
function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
