import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  SimulateWorkMetadataSchema as MetadataSchema,
  type SimulateWorkMetadataSchema,
  type SimulateWorkRequest,
  SimulateWorkResponseSchema,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { Run, Work } from "../manager/work.ts";
import { errorOfStatus } from "../operation/errors.ts";
import { defineOperationType } from "../operation/operation-type.ts";
import type { Clock } from "../time/clock.ts";
import { durationMs } from "../time/duration.ts";
import { sleep } from "../time/sleep.ts";

/** The operations of SimulatorService/SimulateWork. */
export const SimulateWork = defineOperationType({
  response: SimulateWorkResponseSchema,
  metadata: MetadataSchema,
  // How long it has run already is kept nowhere.
  onServerLoss: "abort",
});

type Metadata = MessageInitShape<typeof SimulateWorkMetadataSchema>;

/** What a simulated operation reports before its work begins. */
export function firstMetadata(request: SimulateWorkRequest): Metadata {
  return { stepsDone: 0, stepsTotal: request.steps };
}

/** Work that does nothing but take its time, report its steps, and end as the request says. */
export function simulatedWork(
  request: SimulateWorkRequest,
  first: Metadata,
  clock: Clock,
): Work<typeof SimulateWorkResponseSchema, typeof SimulateWorkMetadataSchema> {
  return async (run) => {
    const startedMs = clock.monotonicMs();
    const totalMs = request.duration === undefined ? 0 : durationMs(request.duration);
    const progress = { ...first, stepsDone: 0 };
    for (;;) {
      const passedMs = clock.monotonicMs() - startedMs;
      const stepsDone =
        passedMs >= totalMs ? request.steps : Math.floor((passedMs / totalMs) * request.steps);
      if (stepsDone !== progress.stepsDone) {
        progress.stepsDone = stepsDone;
        run.progress(progress);
      }
      if (passedMs >= totalMs) break;
      const nextMs = request.steps > 0 ? ((stepsDone + 1) / request.steps) * totalMs : totalMs;
      await pause(Math.min(nextMs, totalMs) - passedMs, run, request.ignoreCancel, clock);
    }
    if (request.error !== undefined) throw errorOfStatus(request.error);
    return { payload: request.payload };
  };
}

/** Sleeps. A cancel stops the work, unless the cancel is to be ignored. */
async function pause(
  delayMs: number,
  { signal }: Run<typeof SimulateWorkMetadataSchema>,
  ignoreCancel: boolean,
  clock: Clock,
): Promise<void> {
  const isIgnored = () => ignoreCancel && ConnectError.from(signal.reason).code === Code.Canceled;
  if (signal.aborted && isIgnored()) return sleepUnheard(delayMs, clock);
  try {
    await sleep(clock, delayMs, signal);
  } catch (reason) {
    if (!isIgnored()) throw reason;
  }
}

/** Sleeps on after a cancel that is ignored: its signal says no more, so nothing but the server keeps the process alive. */
function sleepUnheard(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.after(delayMs, resolve, true);
  });
}
