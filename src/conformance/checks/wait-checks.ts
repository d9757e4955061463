import { Code } from "@connectrpc/connect";
import type { Answer } from "../answer.ts";
import type { Check } from "../check.ts";
import { NotApplicable } from "../deviation.ts";
import { answered, expectRefusal, expectWithin, SLACK_MS } from "../expectations.ts";
import { RPC_PROTOCOLS } from "../protocol.ts";
import { type SeenOperation, shownOperation, stateOf } from "../seen-operation.ts";
import { operationsProto, protobuf } from "../source.ts";
import { expectSo, type World } from "../world.ts";
import { hearEnd } from "./hear-end.ts";
import { notFoundSource } from "./state-checks.ts";

const wait = (sentence: string) => operationsProto("Operations.WaitOperation", sentence);

const untilDoneSource = wait(
  "Waits until the specified long-running operation is done or reaches at most a specified timeout, returning the latest state.",
);
const timeoutSource = operationsProto(
  "WaitOperationRequest.timeout",
  "The maximum duration to wait before timing out.",
);
const durationSource = protobuf(
  "duration.proto",
  "https://protobuf.dev/reference/protobuf/google.protobuf/#duration",
  "For durations of one second or more, a non-zero value for the nanos field must be of the same sign as the seconds field. Must be from -999,999,999 to +999,999,999 inclusive.",
);

const ONE_SECOND = { seconds: 1n, nanos: 0 };
const NANOS_ONLY = { seconds: 0n, nanos: 400_000_000 };
const LONG = { seconds: 20n, nanos: 0 };
const DEADLINE_MS = 3_000;
const WAITERS = 10;

/** A wait of a second for an operation that runs longer. */
async function waitOneSecond(world: World): Promise<Answer<SeenOperation>> {
  return world.caller.wait(await world.running(), ONE_SECOND);
}

export const waitChecks: readonly Check[] = [
  {
    id: "wait/unknown-name-is-not-found",
    sentence: "Wait for a name that no operation has answers NOT_FOUND",
    level: "must",
    source: notFoundSource,
    needs: ["wait"],
    async ask(world) {
      const answer = await world.caller.wait(await world.unknownName(), ONE_SECOND);
      expectRefusal(answer, "Wait for an unknown name", Code.NotFound);
    },
  },
  {
    id: "wait/done-answers-at-once",
    sentence: "Wait for an operation that is done answers at once",
    level: "must",
    source: wait("If the operation is already done, the latest state is immediately returned."),
    isTimed: true,
    needs: ["wait", "succeeds"],
    async ask(world) {
      const answer = await world.caller.wait((await world.ended("succeeds")).name, LONG);
      answered(answer, "Wait for a done operation");
      expectWithin(answer, 0, "Wait for a done operation");
    },
  },
  {
    id: "wait/answers-as-get-does",
    sentence: "Wait answers with the same state as Get",
    level: "must",
    source: untilDoneSource,
    needs: ["wait", "succeeds"],
    async ask(world) {
      const got = await world.ended("succeeds");
      const waited = answered(await world.caller.wait(got.name, ONE_SECOND), "Wait for a done operation");
      const isSame = waited.name === got.name && stateOf(waited) === stateOf(got);
      expectSo(
        isSame,
        `${shownOperation(waited)} by Wait`,
        `${shownOperation(got)} as by Get, and the same metadata`,
      );
    },
  },
  {
    id: "wait/zero-timeout-answers-at-once",
    sentence: "A timeout of zero is answered at once",
    level: "must",
    source: timeoutSource,
    isTimed: true,
    needs: ["wait", "lasts"],
    async ask(world) {
      const answer = await world.caller.wait(await world.running(), { seconds: 0n, nanos: 0 });
      expectWithin(answer, 0, "Wait with a timeout of 0s");
    },
  },
  {
    id: "wait/running-out-of-time-is-no-error",
    sentence: "When the timeout is over, Wait answers with the operation that runs",
    level: "must",
    source: untilDoneSource,
    needs: ["wait", "lasts"],
    async ask(world) {
      const answer = await waitOneSecond(world);
      if (!answer.ok && answer.refusal.byUs)
        throw new NotApplicable("no answer came; wait/keeps-to-its-timeout tells of that");
      const { done } = answered(answer, "Wait with a timeout of 1s for an operation that runs");
      expectSo(!done, "done: true of an operation that runs", "done: false");
    },
  },
  {
    id: "wait/keeps-to-its-timeout",
    sentence: "Wait answers no later than its timeout",
    level: "must",
    source: timeoutSource,
    isTimed: true,
    needs: ["wait", "lasts"],
    ask: async (world) => expectWithin(await waitOneSecond(world), 1_000, "Wait with a timeout of 1s"),
  },
  {
    id: "wait/counts-nanos",
    sentence: "A timeout of less than a second counts",
    level: "must",
    source: timeoutSource,
    isTimed: true,
    needs: ["wait", "lasts"],
    async ask(world) {
      const answer = await world.caller.wait(await world.running(), NANOS_ONLY);
      expectWithin(answer, 400, "Wait with a timeout of 0.4s");
    },
  },
  {
    id: "wait/does-wait",
    sentence: "Wait does not answer at once while the operation runs",
    level: "should",
    source: untilDoneSource,
    needs: ["wait", "lasts"],
    async ask(world) {
      const answer = await waitOneSecond(world);
      if (!answer.ok) throw new NotApplicable("Wait answered with an error");
      const saw = `an answer after ${Math.round(answer.tookMs)} ms, done: ${answer.value.done}`;
      expectSo(answer.tookMs > 700, saw, "an answer after the timeout of 1s, for the operation runs on");
    },
  },
  {
    id: "wait/answers-before-the-deadline",
    sentence: "Wait answers before the deadline of the call, early enough to arrive",
    level: "must",
    source: operationsProto(
      "WaitOperationRequest.timeout",
      "If RPC context deadline is also specified, the shorter one will be used.",
    ),
    protocols: RPC_PROTOCOLS,
    isTimed: true,
    needs: ["wait", "lasts"],
    async ask(world) {
      const answer = await world.caller.wait(await world.running(), LONG, { deadlineMs: DEADLINE_MS });
      answered(answer, `Wait with a timeout of 20s and a deadline of ${DEADLINE_MS} ms`);
    },
  },
  {
    id: "wait/hears-of-the-end",
    sentence: "Wait without a timeout answers when the operation is done",
    level: "must",
    source: untilDoneSource,
    isTimed: true,
    needs: ["wait", "succeeds"],
    async ask(world) {
      const { lateMs } = await hearEnd(world, await world.start("succeeds"), undefined);
      const saw = `done: true ${Math.round(lateMs)} ms after Get had it`;
      expectSo(lateMs <= SLACK_MS, saw, `done: true within ${SLACK_MS} ms of the end`);
    },
  },
  {
    id: "wait/wakes-everyone",
    sentence: `${WAITERS} calls that wait for the same operation all hear of its end`,
    level: "must",
    source: untilDoneSource,
    isTimed: true,
    needs: ["wait", "succeeds"],
    async ask(world) {
      const name = await world.start("succeeds");
      const waiting = Array.from({ length: WAITERS }, () => hearEnd(world, name, LONG));
      const late = (await Promise.all(waiting)).filter(({ lateMs }) => lateMs > SLACK_MS).length;
      expectSo(late === 0, `${late} of ${WAITERS} heard of it late`, `all within ${SLACK_MS} ms of the end`);
    },
  },
  {
    id: "wait/giving-up-changes-nothing",
    sentence: "A caller that stops waiting leaves the operation running",
    level: "must",
    source: operationsProto(
      "Operations.CancelOperation",
      "Starts asynchronous cancellation on a long-running operation.",
    ),
    needs: ["wait", "lasts"],
    async ask(world) {
      const name = await world.running();
      const goingAway = new AbortController();
      const waiting = world.caller.wait(name, LONG, { signal: goingAway.signal });
      await world.pause(200);
      goingAway.abort(new DOMException("the caller goes away", "AbortError"));
      await waiting;
      await world.pause(200);
      const seen = answered(await world.caller.get(name), "Get after a caller has stopped waiting");
      expectSo(!seen.done, shownOperation(seen), "done: false; only CancelOperation cancels");
    },
  },
  {
    id: "wait/negative-timeout-is-refused",
    sentence: "A negative timeout is INVALID_ARGUMENT",
    level: "should",
    source: timeoutSource,
    needs: ["wait", "lasts"],
    async ask(world) {
      const answer = await world.caller.wait(await world.running(), { seconds: -1n, nanos: 0 });
      expectRefusal(answer, "Wait with a timeout of -1s", Code.InvalidArgument);
    },
  },
  {
    id: "wait/malformed-timeout-is-refused",
    sentence: "A timeout that is no duration is INVALID_ARGUMENT",
    level: "should",
    source: durationSource,
    protocols: RPC_PROTOCOLS,
    needs: ["wait", "lasts"],
    async ask(world) {
      const name = await world.running();
      const malformed = { "1s and -1ns": [1n, -1], "0s and 1000000000ns": [0n, 1_000_000_000] } as const;
      for (const [shown, [seconds, nanos]] of Object.entries(malformed)) {
        const answer = await world.caller.wait(name, { seconds, nanos });
        expectRefusal(answer, `Wait with a timeout of ${shown}`, Code.InvalidArgument);
      }
    },
  },
];
