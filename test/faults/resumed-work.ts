import { writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import {
  SimulateWorkMetadataSchema,
  SimulateWorkRequestSchema,
  SimulateWorkResponseSchema,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { Handler } from "../../src/manager/work.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { durationMs } from "../../src/time/duration.ts";

/** The simulator's work, of a kind that another worker goes on with, however often one goes away. */
export const ResumedWork = defineOperationType({
  response: SimulateWorkResponseSchema,
  metadata: SimulateWorkMetadataSchema,
  onServerLoss: { handler: "faults.ResumedWork", input: SimulateWorkRequestSchema, maxAttempts: 1_000 },
});

/**
 * Takes its time, reports once in the middle, and notes each begin and each end of an attempt in a file that all
 * workers share: `begin NAME ATTEMPT PID`. Its payload tells which attempt has answered.
 */
export function resumedWork(
  ledger: number,
): Handler<
  typeof SimulateWorkResponseSchema,
  typeof SimulateWorkMetadataSchema,
  typeof SimulateWorkRequestSchema
> {
  return async ({ name, input, attempt, signal, progress }) => {
    const note = (what: string) => writeSync(ledger, `${what} ${name} ${attempt} ${process.pid}\n`);
    const halfMs = (input.duration === undefined ? 0 : durationMs(input.duration)) / 2;
    const rest = () => sleep(halfMs, undefined, input.ignoreCancel ? {} : { signal });
    note("begin");
    try {
      await rest();
      progress({ stepsDone: 1, stepsTotal: 2 });
      await rest();
    } catch (error) {
      note("stop");
      signal.throwIfAborted();
      throw error;
    }
    note("end");
    return { payload: payloadOfAttempt(input.payload, attempt, process.pid) };
  };
}

function payloadOfAttempt(payload: string, attempt: number, pid: number): string {
  return `${payload}, by attempt ${attempt} of process ${pid}`;
}

/** Whether a payload is one that work with this payload ends with, whichever attempt it was. */
export function isPayloadOf(payload: string, found: string | undefined): boolean {
  return found?.startsWith(`${payload}, by attempt `) ?? false;
}
