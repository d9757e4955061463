import { Code, ConnectError } from "@connectrpc/connect";
import type { CompletionSource } from "./complete.ts";
import { readConfigFile } from "./config-file.ts";
import { connectTo } from "./connection.ts";
import { fullName, shortName } from "./full-name.ts";
import type { GlobalFlags } from "./settings.ts";
import { isPlainWord } from "./shell-word.ts";

/** What a server answers that takes no such filter. */
const WITHOUT_FILTER: readonly Code[] = [Code.InvalidArgument, Code.Unimplemented];

type Environment = Readonly<Record<string, string | undefined>>;

/** How long somebody who pressed Tab waits for a server. */
const PATIENCE_MS = 1_500;

const MOST_NAMES = 200;

/** Commands that are of use for what still runs. */
const FOR_RUNNING = ["cancel", "wait"];

/** Operations of the server, and profiles of the file, that flags name. Stays silent where something is wrong. */
export function completionSource(env: Environment): CompletionSource {
  return {
    async operations(command, flags, word) {
      try {
        return await operationNames(globalFlags(flags), env, FOR_RUNNING.includes(command), word);
      } catch {
        return [];
      }
    },
    async profiles(flags) {
      try {
        const { profiles } = await readConfigFile(flags.get("--config"), env);
        return [...profiles.keys()];
      } catch {
        return [];
      }
    },
  };
}

async function operationNames(
  flags: GlobalFlags,
  env: Environment,
  onlyRunning: boolean,
  word: string,
): Promise<readonly string[]> {
  using connection = await connectTo(flags, env, { settings: undefined, token: undefined }, PATIENCE_MS);
  const list = async (filter: string) => {
    const { operations } = await connection.operations.listOperations(
      { pageSize: MOST_NAMES, filter },
      { timeoutMs: PATIENCE_MS },
    );
    return operations;
  };
  const running = onlyRunning ? ["done = false"] : [];
  // A server that takes no filter, or not this one, answers with its first page; one that is not there is left alone.
  const operations = await list([...running, ...beginning(word)].join(" AND ")).catch((error) => {
    if (WITHOUT_FILTER.includes(ConnectError.from(error).code)) return list("");
    throw error;
  });
  // With `operations/` typed, names are completed as they are.
  const isWhole = word.startsWith("operations");
  // A shell puts a candidate into the line as it is: what it would run, or take apart, is none.
  return operations.map(({ name }) => (isWhole ? name : shortName(name))).filter(isPlainWord);
}

/** The filter for names that begin so. */
function beginning(word: string): readonly string[] {
  return /^[\w/.-]+$/.test(word) && !"operations/".startsWith(word) ? [`name = "${fullName(word)}*"`] : [];
}

function globalFlags(flags: ReadonlyMap<string, string>): GlobalFlags {
  const values = Object.fromEntries(Array.from(flags, ([flag, value]) => [flag.slice(2), value]));
  return {
    ...values,
    ...(flags.has("--insecure") ? { insecure: true } : {}),
    reflection: false,
    color: false,
  };
}
