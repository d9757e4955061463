import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { systemClock } from "../time/clock.ts";
import { durationOfMs } from "../time/duration.ts";
import { Backoff } from "./backoff.ts";
import { withTimeLeft } from "./countdown.ts";
import type { OperationsClient } from "./operations-client.ts";
import { Patience } from "./patience.ts";
import { isLostConnection, mayBeRetried, type RetryOptions, retryBackoff } from "./retry.ts";

/** How long an answer may be under way, and the RPC's deadline therefore be behind the time that is waited. */
const ANSWER_MS = 10_000;

/** The first bound of the delay between two polls; it doubles up to the interval. */
const FIRST_INTERVAL_MS = 1_000;

/** A server that has held a WaitOperation for so long, or for half of what was asked, may be asked again at once. */
const HELD_MS = 5_000;

/** After so many failures in a row, none of them final, a wait gives up. */
export const DEFAULT_MAX_WAIT_FAILURES = 10;

/** How an operation is followed. */
export interface FollowOptions {
  /** What goes into each RPC. Its signal and its `timeoutMs` are for all of them together. */
  readonly call: CallOptions;
  /** The timeout of each WaitOperation; undefined: only GetOperation is called. */
  readonly longPollMs: number | undefined;
  /** The longest delay between two calls of a server that does not hold a WaitOperation. */
  readonly intervalMs: number;
  /** Whether the present state is wanted first, instead of the next answer of WaitOperation. */
  readonly presentFirst?: boolean;
  readonly retry: RetryOptions;
}

/**
 * Asks for an operation again and again, and yields each answer; the last is the one that is done.
 *
 * It calls WaitOperation, and GetOperation with doubling delays where the server has no WaitOperation.
 * Between two steps of the iteration there is no timer and no listener. Throws a StoppedWaitingError where the
 * caller's signal aborts or its time is up, and what the server answers where that is final, such as NOT_FOUND.
 */
export async function* follow(
  client: OperationsClient,
  name: string,
  options: FollowOptions,
): AsyncGenerator<Operation, void, undefined> {
  const { call, retry, intervalMs, longPollMs } = options;
  const { clock = systemClock, random = Math.random, maxWaitFailures = DEFAULT_MAX_WAIT_FAILURES } = retry;
  checkPositive("intervalMs", intervalMs);
  if (longPollMs !== undefined) checkPositive("longPollMs", longPollMs);

  const patience = new Patience(name, clock, call);
  const pace = new Backoff(FIRST_INTERVAL_MS, intervalMs, random);
  const backoff = retryBackoff(retry);
  let waitMs = longPollMs;
  let failures = 0;
  let presentWanted = options.presentFirst ?? false;

  while (true) {
    patience.check();
    // A proxy may cut calls as long as this one: after a failure, ask for half of the time.
    const askMs = presentWanted || waitMs === undefined ? undefined : waitMs / 2 ** failures;
    const askedAtMs = clock.monotonicMs();
    let answer: Operation | undefined;
    try {
      answer = await ask(client, name, askMs, call, patience.leftMs);
      failures = 0;
      backoff.reset();
    } catch (error) {
      patience.check();
      if (mayBeRetried(error) || isLostConnection(error)) {
        failures += 1;
        if (failures >= maxWaitFailures) throw error;
        await patience.sleep(backoff.nextMs());
        continue;
      }
      const { code } = ConnectError.from(error);
      if (askMs !== undefined && code === Code.Unimplemented) {
        waitMs = undefined;
        continue;
      }
      // The end of one call's time is not the end of the caller's: the connection may be a black hole.
      if (code !== Code.DeadlineExceeded) throw error;
    }
    const heldMs = clock.monotonicMs() - askedAtMs;
    if (answer !== undefined) {
      yield answer;
      if (answer.done) return;
    }
    if (presentWanted && answer !== undefined) {
      presentWanted = false;
    } else if (askMs !== undefined && heldMs >= Math.min(askMs / 2, HELD_MS)) {
      pace.reset();
    } else {
      await patience.sleep(pace.nextMs());
    }
  }
}

function ask(
  client: OperationsClient,
  name: string,
  askMs: number | undefined,
  call: CallOptions,
  leftMs: number,
): Promise<Operation> {
  if (askMs === undefined) {
    return client.getOperation({ name }, withTimeLeft(call, Math.min(ANSWER_MS, leftMs)));
  }
  const timeout = durationOfMs(Math.min(askMs, leftMs));
  return client.waitOperation({ name, timeout }, withTimeLeft(call, Math.min(askMs + ANSWER_MS, leftMs)));
}

function checkPositive(option: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) {
    throw new RangeError(`${option} is more than 0 and finite, and ${value} was given`);
  }
}
