import type { Argument, Command, Option } from "commander";
import { FILES } from "./completion-scripts.ts";

/** What of outside is known to those who complete: operations and profiles. Never throws. */
export interface CompletionSource {
  /** Names that may stand where `word` begins, of a server that flags among these words name. */
  operations(command: string, flags: ReadonlyMap<string, string>, word: string): Promise<readonly string[]>;
  profiles(flags: ReadonlyMap<string, string>): Promise<readonly string[]>;
}

const FILE_FLAGS = ["--ca", "--cert", "--key", "--config"];

/** What the last word may become, after the words before it. Of `serve`, only files are completed. */
export async function complete(
  program: Command,
  words: readonly string[],
  source: CompletionSource,
): Promise<readonly string[]> {
  const before = words.slice(0, -1);
  const word = words.at(-1) ?? "";
  const begins = (candidates: readonly string[]) => candidates.filter((one) => one.startsWith(word));
  if (before[0] === "serve") return [FILES];
  const read = readWords(program, before);
  if (read.open !== undefined)
    return begins(await valuesOf(read.open, read.flags, source)).concat(filesFor(read.open));
  if (word.startsWith("-")) return begins(flagsOf(read.command, program));
  if (read.command === program) {
    if (read.positionals > 0) return [];
    return begins(program.commands.filter((one) => !isHidden(one)).map((one) => one.name()));
  }
  const argument = argumentAt(read.command, read.positionals);
  if (argument?.argChoices !== undefined) return begins(argument.argChoices);
  if (argument?.name() !== "name") return [];
  return begins(await source.operations(read.command.name(), read.flags, word));
}

interface ReadWords {
  readonly command: Command;
  /** How many words stand where arguments do. */
  readonly positionals: number;
  /** Values of flags, by the long name of each. */
  readonly flags: ReadonlyMap<string, string>;
  /** The flag whose value comes next. */
  readonly open: Option | undefined;
}

function readWords(program: Command, words: readonly string[]): ReadWords {
  let command = program;
  let positionals = 0;
  let open: Option | undefined;
  const flags = new Map<string, string>();
  for (const word of words) {
    if (open !== undefined) {
      flags.set(open.long ?? "", word);
      open = undefined;
      continue;
    }
    if (word.startsWith("-")) {
      const [name = "", value] = word.split(/=(.*)/s);
      const option = [...command.options, ...program.options].find(({ long, short }) =>
        [long, short].includes(name),
      );
      if (option?.required && value === undefined) open = option;
      else if (option !== undefined) flags.set(option.long ?? "", value ?? "");
      continue;
    }
    const next = command === program ? program.commands.find((one) => one.name() === word) : undefined;
    if (next === undefined) positionals += 1;
    else command = next;
  }
  return { command, positionals, flags, open };
}

async function valuesOf(
  option: Option,
  flags: ReadonlyMap<string, string>,
  source: CompletionSource,
): Promise<readonly string[]> {
  if (option.long === "--profile") return await source.profiles(flags);
  return option.argChoices ?? [];
}

function filesFor({ long }: Option): readonly string[] {
  return FILE_FLAGS.includes(long ?? "") ? [FILES] : [];
}

function flagsOf(command: Command, program: Command): readonly string[] {
  const options = command === program ? program.options : [...command.options, ...program.options];
  return [...options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : [])), "--help"];
}

function argumentAt({ registeredArguments }: Command, positionals: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[positionals] ?? (last?.variadic ? last : undefined);
}

function isHidden(command: Command): boolean {
  return command.name().startsWith("__");
}
