import { plainText } from "../../server/plain-text.ts";
import { CALL } from "../connection.ts";
import type { ExitCode } from "../exit-code.ts";
import { forEachName } from "../for-each-name.ts";
import type { Invocation } from "../invocation.ts";

/** Has the server forget operations. It does not stop their work. */
export async function deleteOperations(run: Invocation, names: readonly string[]): Promise<ExitCode> {
  using connection = await run.connect();
  const { operations } = connection;
  return await forEachName(run, names, async (name) => {
    await operations.deleteOperation({ name }, CALL);
    run.screen.say(plainText(`deleted ${name}`));
  });
}
