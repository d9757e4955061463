import type { ConfigFile } from "../config-file.ts";
import { documentText } from "../document.ts";
import { ExitCode } from "../exit-code.ts";
import type { Invocation } from "../invocation.ts";
import type { TokenCommand } from "../profile.ts";
import { readSettings, type Sourced, type TokenSource } from "../settings.ts";

/** Prints which server is called, and how, and who says so; tokens are named, and not shown. */
export async function config(run: Invocation): Promise<ExitCode> {
  const settings = await readSettings(run.flags, run.env);
  const { file, profile, server, protocol, ca, cert, key, insecure, token } = settings;
  const rows = { profile, server, protocol, ca, cert, key, insecure, token: token && shownToken(token) };
  const told = Object.entries(rows).flatMap(([name, setting]) =>
    setting === undefined ? [] : [[name, { value: setting.value, from: setting.from }] as const],
  );
  run.screen.print(
    documentText("yaml", {
      file: shownFile(file),
      profiles: [...file.profiles.keys()],
      ...Object.fromEntries(told),
    }),
  );
  return ExitCode.success;
}

function shownFile({ path, exists }: ConfigFile): string {
  return exists ? path : `${path} (not there)`;
}

function shownToken({ value, from }: Sourced<TokenSource>): Sourced<string> {
  return { value: value.kind === "environment" ? "(not shown)" : shownCommand(value.command), from };
}

/** A command may have a secret among its arguments. */
function shownCommand(command: TokenCommand): string {
  const [program = ""] = typeof command === "string" ? command.trim().split(/\s+/) : command;
  return `(what ${program} … prints)`;
}
