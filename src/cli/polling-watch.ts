import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { listOperations } from "../client/list-operations.ts";
import type { OperationsClient } from "../client/operations-client.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { CALL } from "./connection.ts";
import type { OperationChanges } from "./operation-changes.ts";
import { OperationsSeen } from "./operations-seen.ts";
import type { OperationsWatch, WatchQuery } from "./operations-watch.ts";

/** Lists again and again, and tells what is other than before: what comes and goes in between is not seen. */
export class PollingWatch implements OperationsWatch {
  readonly #client: OperationsClient;
  readonly #clock: Clock;
  readonly #intervalMs: number;

  /** Lists each time `intervalMs` milliseconds after the last list ended. */
  constructor(client: OperationsClient, clock: Clock, intervalMs: number) {
    this.#client = client;
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  async *changes(
    { parent, filter }: WatchQuery,
    signal: AbortSignal,
    seen = new OperationsSeen(),
  ): AsyncGenerator<OperationChanges, void, undefined> {
    for (;;) {
      const listed: Operation[] = [];
      for await (const operation of listOperations(
        this.#client,
        { name: parent, filter },
        { ...CALL, signal },
      )) {
        listed.push(operation);
      }
      const change = seen.all(listed);
      if (change !== undefined) yield change;
      await sleep(this.#clock, this.#intervalMs, signal);
    }
  }
}
