import { CommanderError } from "commander";
import { plainText } from "../server/plain-text.ts";
import { UsageError } from "../server/usage-error.ts";
import { ExitCode } from "./exit-code.ts";
import { Invocation } from "./invocation.ts";
import { createProgram } from "./program.ts";
import { processScreen } from "./screen.ts";
import { tellFault, tellRest } from "./tell-fault.ts";

/** Runs the program. Answers what it ends with (docs/command-line.md). */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  const { env } = process;
  const run = new Invocation(env, (wantsColour) => processScreen(env, wantsColour));
  try {
    await createProgram(run).parseAsync([...args], { from: "user" });
    return run.exitCode;
  } catch (error) {
    return told(run, error);
  }
}

function told(run: Invocation, error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return ExitCode.success;
    run.screen.say(plainText(commandFault(error)));
    return ExitCode.usage;
  }
  const usage = usageErrorIn(error);
  if (usage === undefined) {
    tellFault(run, error);
    return ExitCode.callFailed;
  }
  run.screen.say(run.redacted(plainText(usage.message)));
  tellRest(run, usage);
  return ExitCode.usage;
}

/** A token is read in the midst of a call, whose error then has the reason as its cause. */
function usageErrorIn(error: unknown): UsageError | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof UsageError) return cause;
  }
  return undefined;
}

function commandFault({ message, code }: CommanderError): string {
  // What is printed is the help, where no command is named.
  if (code === "commander.help") return "no command is given; longrunning --help lists them";
  const sentence = message.replace(/^error: /, "").replaceAll(/\s*\n\s*/g, " ");
  return `${sentence}; --help lists what there is`;
}
