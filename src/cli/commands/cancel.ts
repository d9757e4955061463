import { plainText } from "../../server/plain-text.ts";
import { CALL } from "../connection.ts";
import type { ExitCode } from "../exit-code.ts";
import { forEachName } from "../for-each-name.ts";
import type { Invocation } from "../invocation.ts";
import { shellWord } from "../shell-word.ts";

/** Asks the work of operations to stop. */
export async function cancel(run: Invocation, names: readonly string[]): Promise<ExitCode> {
  using connection = await run.connect();
  const { operations } = connection;
  return await forEachName(run, names, async (name) => {
    await operations.cancelOperation({ name }, CALL);
    run.screen.say(plainText(`asked ${name} to stop; longrunning wait ${shellWord(name)} tells when it has`));
  });
}
