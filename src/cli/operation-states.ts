import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { withTimeLeft } from "../client/countdown.ts";
import { type FollowOptions, follow } from "../client/follow.ts";
import { followByWatch } from "../client/follow-by-watch.ts";
import type { Watch } from "../client/watch-attempt.ts";
import { isTokenRefused } from "./bearer-token.ts";
import { CALL_MS, type Connection } from "./connection.ts";

/** The longest delay between two looks at a server that has no WaitOperation. */
const LONGEST_PAUSE_MS = 10_000;

/** A server that has just answered a call says something at once, unless somebody on the way holds streams back. */
const FIRST_EVENT_MS = 3_000;

/** How an operation is waited for. */
export interface StatesOptions {
  readonly signal: AbortSignal;
  /** Milliseconds until the time for waiting is up. */
  readonly leftMs: () => number;
  /** How often it is asked for at a server that does not tell. */
  readonly intervalMs: number;
  /** Whether to be told of what happens before the end. */
  readonly isWatched: boolean;
}

/**
 * The operation as it is now, and again until it is done: as the server tells it by WatchOperations, and where it does
 * not, as it answers WaitOperation. That the server is not there, or does not know the operation, is told at once; what
 * comes later is tried again.
 */
export async function* operationStates(
  { operations }: Connection,
  name: string,
  { signal, leftMs, intervalMs, isWatched }: StatesOptions,
): AsyncGenerator<Operation, void, undefined> {
  const first = await operations.getOperation(
    { name },
    withTimeLeft({ signal }, Math.min(CALL_MS, leftMs())),
  );
  yield first;
  if (first.done) return;
  const timeoutMs = Number.isFinite(leftMs()) ? { timeoutMs: Math.max(leftMs(), 1) } : {};
  const options: FollowOptions = {
    call: { signal, ...timeoutMs },
    longPollMs: intervalMs,
    intervalMs: Math.min(intervalMs, LONGEST_PAUSE_MS),
    retry: {},
  };
  yield* isWatched
    ? followByWatch(operations, watchOf(operations), name, { ...options, firstEventMs: FIRST_EVENT_MS })
    : follow(operations, name, options);
}

/**
 * A watch that is called once more where its token is refused, for there may be another one by then. As long as it has
 * never told anything, each failure says that there is none, and is none to try again: what stands before a server may
 * say so in any way.
 */
function watchOf({ watchOperations }: Connection["operations"]): Watch {
  let hasTold = false;
  return async function* (request, options) {
    for (let isRefused = false; ; ) {
      try {
        for await (const event of watchOperations(request, options)) {
          hasTold = true;
          isRefused = false;
          yield event;
        }
        if (!hasTold) throw new Error("the watch told nothing");
        return;
      } catch (error) {
        const mayCallAgain = isTokenRefused(error) && !isRefused;
        isRefused = true;
        if (mayCallAgain) continue;
        if (hasTold) throw error;
        throw new Error("there is no watch", { cause: error });
      }
    }
  };
}
