import { equals } from "@bufbuild/protobuf";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { listOperations } from "../client/list-operations.ts";
import type { OperationsClient } from "../client/operations-client.ts";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { CALL } from "./connection.ts";
import type { OperationChanges, OperationsWatch, WatchQuery } from "./operations-watch.ts";

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

  async *changes(query: WatchQuery, signal: AbortSignal): AsyncGenerator<OperationChanges, void, undefined> {
    let known = new Map<string, Operation>();
    for (let isFirst = true; ; isFirst = false) {
      const listed = new Map<string, Operation>();
      for await (const operation of listOperations(this.#client, query, { ...CALL, signal })) {
        listed.set(operation.name, operation);
      }
      const changed = [...listed.values()].filter((now) => !isSame(now, known.get(now.name)));
      const gone = [...known.keys()].filter((name) => !listed.has(name));
      if (isFirst || changed.length > 0 || gone.length > 0) yield { changed, gone };
      known = listed;
      await sleep(this.#clock, this.#intervalMs, signal);
    }
  }
}

function isSame(one: Operation, other: Operation | undefined): boolean {
  return other !== undefined && equals(OperationSchema, one, other);
}
