import type { ExitCode } from "../exit-code.ts";
import { fullName } from "../full-name.ts";
import type { Invocation } from "../invocation.ts";
import { type WaitFlags, waitForResult } from "../wait-for-result.ts";

/** Waits for an operation, and prints what it ends with. */
export async function wait(run: Invocation, name: string, flags: WaitFlags): Promise<ExitCode> {
  using connection = await run.connect();
  return await waitForResult(run, connection, fullName(name), flags);
}
