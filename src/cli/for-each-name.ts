import { ConnectError } from "@connectrpc/connect";
import { ExitCode } from "./exit-code.ts";
import { fullName } from "./full-name.ts";
import type { Invocation } from "./invocation.ts";
import { tellFault } from "./tell-fault.ts";

/** Does something with each operation, and tells of each call that failed; the others are done all the same. */
export async function forEachName(
  run: Invocation,
  names: readonly string[],
  act: (name: string) => Promise<void>,
): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.success;
  for (const name of names) {
    try {
      await act(fullName(name));
    } catch (error) {
      if (!(error instanceof ConnectError)) throw error;
      tellFault(run, error);
      exitCode = ExitCode.callFailed;
    }
  }
  return exitCode;
}
