import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { countdown } from "../client/countdown.ts";
import {
  OperationCancelledError,
  OperationFailedError,
  OperationWithoutResultError,
  StoppedWaitingError,
} from "../client/errors.ts";
import { plainText } from "../server/plain-text.ts";
import { codeName } from "../summary/code-name.ts";
import { durationText } from "../summary/duration-text.ts";
import { summaryOf } from "../summary/operation-summary.ts";
import { systemClock } from "../time/clock.ts";
import { comeBackCommand } from "./come-back.ts";
import type { Connection } from "./connection.ts";
import { type DocumentForm, documentText } from "./document.ts";
import { ExitCode } from "./exit-code.ts";
import { Interrupt } from "./interrupt.ts";
import type { Invocation } from "./invocation.ts";
import { operationStates } from "./operation-states.ts";
import { readPositiveDuration } from "./positive-duration.ts";
import { ProgressDisplay } from "./progress-display.ts";
import { shellWord } from "./shell-word.ts";
import { tellRest } from "./tell-fault.ts";

/** How an operation is waited for. */
export interface WaitFlags {
  readonly output: DocumentForm;
  /** How long at most; undefined: until it is done. */
  readonly timeout?: string;
  /** How often a line is said, at most, and its progress is asked for where the server does not tell; undefined: as it is usual. */
  readonly interval?: string;
  /** Whether to show no progress. */
  readonly quiet?: boolean;
}

/** How often progress is asked for where the server does not tell: for a bar, for lines in a log, and where nobody sees it. */
const BAR_INTERVAL_MS = 1_000;
const LINE_INTERVAL_MS = 5_000;
const QUIET_INTERVAL_MS = 50_000;

/** By so much the timer of a call may ring before its time, by another clock. */
const EARLY_MS = 100;

/** Waits for an operation, shows how far it is, and prints what it ends with. */
export async function waitForResult(
  run: Invocation,
  connection: Connection,
  name: string,
  flags: WaitFlags,
): Promise<ExitCode> {
  const { screen } = run;
  const timeoutMs = positive("--timeout", flags.timeout);
  const intervalMs = positive("--interval", flags.interval) ?? usualIntervalMs(run, flags);
  const leftMs = countdown(systemClock, timeoutMs);
  using interrupt = new Interrupt();
  const display = flags.quiet ? undefined : new ProgressDisplay(screen, systemClock, intervalMs);
  try {
    let latest: Operation | undefined;
    const { signal } = interrupt;
    const options = { signal, leftMs, intervalMs, isWatched: display !== undefined };
    for await (latest of operationStates(connection, name, options)) {
      await connection.types.learn(OperationSchema, latest);
      if (!latest.done) display?.show(summaryOf(latest, connection.types));
    }
    display?.end();
    return printResult(run, connection, name, latest, flags.output);
  } catch (error) {
    display?.end();
    const isTimeUp = leftMs() < EARLY_MS && ConnectError.from(error).code === Code.DeadlineExceeded;
    if (!interrupt.signal.aborted && !(error instanceof StoppedWaitingError) && !isTimeUp) throw error;
    const comeBack = `${name} goes on, and ${comeBackCommand(name, connection.settings)} comes back to it`;
    const why = interrupt.signal.aborted
      ? "stopped waiting"
      : `gave up after ${durationText(timeoutMs ?? 0)}`;
    screen.say(plainText(`${why}; ${comeBack}`));
    return interrupt.signal.aborted ? ExitCode.interrupted : ExitCode.gaveUpWaiting;
  }
}

function positive(flag: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : readPositiveDuration(flag, text);
}

function usualIntervalMs({ screen }: Invocation, { quiet }: WaitFlags): number {
  if (quiet) return QUIET_INTERVAL_MS;
  return screen.canDraw ? BAR_INTERVAL_MS : LINE_INTERVAL_MS;
}

function printResult(
  run: Invocation,
  { types }: Connection,
  name: string,
  operation: Operation | undefined,
  form: DocumentForm,
): ExitCode {
  const { result } = operation ?? {};
  if (result?.case === "response") {
    run.screen.print(documentText(form, types.toJson(AnySchema, result.value)));
    return ExitCode.success;
  }
  if (result?.case !== "error") throw new OperationWithoutResultError(name);
  const { code, message } = result.value;
  const isCancelled = code === Code.Canceled;
  const what = isCancelled ? "was cancelled" : `failed with ${codeName(code)}`;
  const said = message === "" ? "" : `: ${message}`;
  run.screen.say(
    run.redacted(plainText(`${name} ${what}${said}; longrunning get ${shellWord(name)} shows all of it`)),
  );
  tellRest(run, new (isCancelled ? OperationCancelledError : OperationFailedError)(name, result.value));
  return isCancelled ? ExitCode.operationCancelled : ExitCode.operationFailed;
}
