import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { PostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { running } from "../../src/testing/store-contract/sample-operations.ts";
import { ask } from "../postgres/ask.ts";
import { type PostgresServer, startPostgres } from "../postgres/postgres-server.ts";
import type { RecordedCall } from "../store/linearizability.ts";
import { type Answer, type Command, perform } from "../store/operation-model.ts";
import { cycles, report } from "./program.ts";
import { isLinearizableWithUnknowns, UNKNOWN, type Unknown } from "./unknown-calls.ts";

const HISTORIES = cycles(300, "FAULT_HISTORIES");

/** How many servers there are, and how many calls each has of an operation, one after another. */
const STORES = 3;
const CALLS = 4;

type Call = RecordedCall<Command, Answer | Unknown>;

function randomCommand(): Command {
  const tag = Math.floor(Math.random() * 100);
  const dice = Math.random();
  if (dice < 0.3) return { call: dice < 0.15 ? "succeed" : "fail", tag };
  if (dice < 0.5) return { call: "report", tag };
  if (dice < 0.65) return { call: "requestCancel" };
  return { call: dice < 0.75 ? "delete" : "get" };
}

/** What several servers, each one call after another, were answered of one operation. */
async function record(stores: readonly OperationStore[], id: string): Promise<readonly Call[]> {
  const history: Call[] = [];
  let moment = 0;
  await insistently(() => stores[0]?.insert(running(id)));
  await Promise.all(
    stores.map(async (store) => {
      for (let i = 0; i < CALLS; i++) {
        const input = randomCommand();
        const startedAt = moment++;
        const answer = await perform(store, `operations/${id}`, input).catch(unknownOutcome);
        // What is unknown may be done at any time after.
        const answeredAt = answer === UNKNOWN ? Number.POSITIVE_INFINITY : moment++;
        history.push({ input, answer, startedAt, answeredAt });
      }
    }),
  );
  return history;
}

async function insistently(act: () => Promise<unknown> | undefined): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      unknownOutcome(error);
    }
  }
}

function unknownOutcome(error: unknown): Unknown {
  if (error instanceof ConnectError && error.code === Code.Unavailable) return UNKNOWN;
  throw error;
}

function shown(history: readonly Call[]): readonly string[] {
  return history.map(
    ({ input, answer, startedAt, answeredAt }) =>
      `${startedAt} to ${answeredAt}: ${JSON.stringify(input)} was answered ${JSON.stringify(answer)}`,
  );
}

/** Does something again and again until it is disposed of. */
function again(everyMs: number, act: () => Promise<unknown>): AsyncDisposable {
  let isOver = false;
  const going = (async () => {
    while (!isOver) {
      await pause(everyMs * (0.5 + Math.random()));
      await act();
    }
  })();
  return {
    async [Symbol.asyncDispose]() {
      isOver = true;
      await going;
    },
  };
}

const FAULTS: readonly {
  readonly name: string;
  readonly everyMs: number;
  readonly strike: (postgres: PostgresServer) => Promise<unknown>;
}[] = [
  {
    name: "whose backends are terminated",
    everyMs: 20,
    strike: ({ url }) =>
      ask(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longrunning' and random() < 0.5",
      ),
  },
  {
    name: "that is killed",
    everyMs: 300,
    strike: async (postgres) => {
      await postgres.kill();
      await postgres.restart();
    },
  },
];

describe.each(FAULTS)("F12: several servers on a PostgreSQL $name", ({ name, everyMs, strike }) => {
  it("are answered as if their calls came one after another", { timeout: 300_000 }, async () => {
    await using postgres = await startPostgres();
    await using stack = new AsyncDisposableStack();
    const stores: PostgresStore[] = [];
    for (let i = 0; i < STORES; i++) stores.push(stack.use(await PostgresStore.open(postgres.url)));
    const histories: (readonly Call[])[] = [];
    {
      await using _faults = again(everyMs, () => strike(postgres));
      // Operations that live at the same time share their transactions.
      const live = async (life: number) => {
        for (let i = life; i < HISTORIES; i += 20) histories.push(await record(stores, String(i)));
      };
      await Promise.all(Array.from({ length: 20 }, (_, life) => live(life)));
    }
    const calls = histories.flat();
    const wrong = histories.filter((history) => !isLinearizableWithUnknowns(history));
    report(`F12 histories of a PostgreSQL ${name}`, {
      histories: histories.length,
      calls: calls.length,
      "unknown outcomes": calls.filter(({ answer }) => answer === UNKNOWN).length,
      "not linearizable": wrong.length,
    });
    expect([wrong.slice(0, 1).map(shown), calls.some(({ answer }) => answer === UNKNOWN)]).toEqual([
      [],
      true,
    ]);
  });
});
