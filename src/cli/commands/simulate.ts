import { Code } from "@connectrpc/connect";
import { readDuration } from "../../server/flag-values.ts";
import { plainText } from "../../server/plain-text.ts";
import { UsageError } from "../../server/usage-error.ts";
import { codeName } from "../../summary/code-name.ts";
import { durationOfMs } from "../../time/duration.ts";
import { CALL } from "../connection.ts";
import { ExitCode } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import { type WaitFlags, waitForResult } from "../wait-for-result.ts";

/** What the simulated work is to do. */
export interface SimulateFlags extends WaitFlags {
  readonly duration: string;
  readonly steps: number;
  readonly payload: string;
  readonly fail?: string;
  readonly ignoreCancel?: boolean;
  readonly parent: string;
  readonly requestId: string;
  readonly wait?: boolean;
}

/** Starts work that takes as long as it is told to, and prints the name of its operation, or waits for it. */
export async function simulate(run: Invocation, flags: SimulateFlags): Promise<ExitCode> {
  const { steps, payload, ignoreCancel = false, parent, requestId } = flags;
  const duration = durationOfMs(readDuration("--duration", flags.duration));
  const error = flags.fail === undefined ? {} : { error: readStatus(flags.fail) };
  using connection = await run.connect();
  const { name } = await connection.simulator.simulateWork(
    { duration, steps, payload, ignoreCancel, parent, requestId, ...error },
    CALL,
  );
  if (!flags.wait) {
    run.screen.print(`${plainText(name)}\n`);
    return ExitCode.success;
  }
  run.screen.say(plainText(`started ${name}`));
  return await waitForResult(run, connection, name, flags);
}

/** Reads `NOT_FOUND` or `NOT_FOUND:no such report`. */
function readStatus(text: string): { readonly code: number; readonly message: string } {
  const [, name = "", message = ""] = /^(\w+)(?::\s*(.*))?$/.exec(text) ?? [];
  const codes = Object.values(Code).filter((code) => typeof code === "number");
  const code = codes.find((code) => codeName(code) === name.toUpperCase());
  if (code === undefined)
    throw new UsageError(`--fail "${text}" is not CODE or CODE:MESSAGE; NOT_FOUND is a code`);
  return { code, message };
}
