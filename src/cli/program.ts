import { createRequire } from "node:module";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../server/usage-error.ts";
import { cancel } from "./commands/cancel.ts";
import { config } from "./commands/config.ts";
import { deleteOperations } from "./commands/delete.ts";
import { type GetFlags, get } from "./commands/get.ts";
import { type ListFlags, list } from "./commands/list.ts";
import { type SimulateFlags, simulate } from "./commands/simulate.ts";
import { wait } from "./commands/wait.ts";
import { complete } from "./complete.ts";
import { completionScript, SHELLS, type Shell } from "./completion-scripts.ts";
import { completionSource } from "./completion-source.ts";
import { DOCUMENT_FORMS } from "./document.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Invocation } from "./invocation.ts";
import { LIST_FORMS } from "./list-printer.ts";
import { PROTOCOLS } from "./protocol.ts";
import type { GlobalFlags } from "./settings.ts";
import type { WaitFlags } from "./wait-for-result.ts";

const EXIT_CODES = `
Ends with 0 after success, 1 where the operation that was waited for failed, 2 where the command cannot be
understood, 3 where the operation was cancelled, 4 where the time for waiting was up, 5 where the call failed, and
130 after Ctrl-C. NAME is operations/ID, {parent}/operations/ID, or ID for operations/ID.
`;

/** The commands and flags of `longrunning`, which do what they say in this run. Throws a CommanderError. */
export function createProgram(run: Invocation): Command {
  const program = new Command("longrunning");
  program
    .description("Asks any google.longrunning server for its operations.")
    .version(ownVersion())
    .option("--server <url>", "server to call (LONGRUNNING_SERVER, profile; http://127.0.0.1:8080)")
    .addOption(
      new Option("--protocol <name>", "protocol to call it by (profile; grpc)").choices([...PROTOCOLS]),
    )
    .option("--profile <name>", "profile of the configuration file (LONGRUNNING_PROFILE)")
    .option("--config <file>", "configuration file (LONGRUNNING_CONFIG; ~/.config/longrunning/config.yaml)")
    .option("--ca <file>", "certificates in PEM form to trust")
    .option("--cert <file>", "certificate in PEM form to show, with --key")
    .option("--key <file>", "private key in PEM form of --cert")
    .option("--insecure", "trust any certificate, and send a token in clear text")
    .option("--no-reflection", "do not ask the server for types that are not known")
    .option("--no-color", "no colours (NO_COLOR)")
    .option("--debug", "show all that is known of an error")
    .addHelpText("after", EXIT_CODES)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: () => {} })
    .hook("preAction", () => {
      run.flags = program.opts<GlobalFlags>();
    })
    .exitOverride();

  const command = (usage: string, description: string) => program.command(usage).description(description);
  const does = async (exitCode: Promise<ExitCode>) => {
    run.exitCode = await exitCode;
  };

  // It has flags of its own: main.ts gives what follows it to the server.
  command("serve", "run a server; longrunning serve --help lists its flags")
    .allowUnknownOption()
    .allowExcessArguments()
    .action(() => {
      throw new UsageError(
        "serve comes first, and takes the flags of a server; longrunning serve --help lists them",
      );
    });
  command("get <name>", "print an operation as it is now")
    .addOption(documentOption())
    .action((name: string, flags: GetFlags) => does(get(run, name, flags)));
  command("list", "print operations")
    .addOption(outputOption(LIST_FORMS, "table"))
    .option("--parent <name>", "operations of this parent; - for any in a segment of it", "")
    .option("--filter <filter>", 'AIP-160 filter, such as "done = false"', "")
    .option("--page-size <number>", "how many a call asks for; 0: as many as the server likes", count, 0)
    .option("--limit <number>", "how many are printed at most", positiveCount)
    .option("--watch", "go on to print each that changes, until Ctrl-C")
    .option("--interval <duration>", "how often --watch looks, where the server cannot tell", "2s")
    .action((flags: ListFlags) => does(list(run, flags)));
  waiting(command("wait <name>", "wait for an operation, and print what it ends with")).action(
    (name: string, flags: WaitFlags) => does(wait(run, name, flags)),
  );
  command("cancel <name...>", "ask the work of operations to stop").action((names: string[]) =>
    does(cancel(run, names)),
  );
  command("delete <name...>", "have the server forget operations").action((names: string[]) =>
    does(deleteOperations(run, names)),
  );
  waiting(command("simulate", "start simulated work, at a server with the SimulatorService"))
    .option("--duration <duration>", "how long it takes", "10s")
    .option("--steps <number>", "how often it reports progress", count, 10)
    .option("--payload <text>", "what its response has", "")
    .option("--fail <code:message>", "it fails, with a code such as NOT_FOUND")
    .option("--ignore-cancel", "a cancel comes too late")
    .option("--parent <name>", "its operation is {parent}/operations/ID", "")
    .option("--request-id <id>", "the same ID gets the same operation", "")
    .option("--wait", "wait for it, and print what it ends with")
    .action((flags: SimulateFlags) => does(simulate(run, flags)));
  command("config", "print which server is called and how, and who says so").action(() => does(config(run)));
  command("completion", "print what a shell reads to complete names, flags and commands")
    .addArgument(new Argument("<shell>", "the shell").choices([...SHELLS]))
    .action((shell: Shell) => run.screen.print(completionScript(shell)));
  program.command("__complete [words...]", { hidden: true }).action(async (words: string[]) => {
    for (const word of await complete(program, words, completionSource(run.env)))
      run.screen.print(`${word}\n`);
  });
  return program;
}

function ownVersion(): string {
  // The package itself, by its own name.
  const { version }: { version: string } = createRequire(import.meta.url)("longrunning/package.json");
  return version;
}

function waiting(command: Command): Command {
  return command
    .addOption(documentOption())
    .option("--timeout <duration>", "give up after so long, such as 30s, 10m or 2h")
    .option(
      "--interval <duration>",
      "how often to say how far it is (5s), or to ask, where the server cannot tell",
    )
    .option("--quiet", "do not show how far it is");
}

function documentOption(): Option {
  return outputOption(DOCUMENT_FORMS, "yaml");
}

function outputOption(forms: readonly string[], usual: string): Option {
  return new Option("-o, --output <form>", "form").choices([...forms]).default(usual);
}

function count(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It is not a number from 0 to 999999999.");
}

function positiveCount(text: string): number {
  if (count(text) > 0) return count(text);
  throw new InvalidArgumentError("It is not more than 0.");
}
