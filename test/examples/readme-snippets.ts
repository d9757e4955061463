import { readFileSync } from "node:fs";
import { join } from "node:path";
import { environment } from "../cli/run-cli.ts";
import { root, runShell } from "./source-process.ts";

const readme = readFileSync(join(root, "README.md"), "utf8");

/** All that the README has its readers type into a shell, in its order: a text for each box. */
export const snippets: readonly string[] = Array.from(
  readme.matchAll(/```sh\n([\s\S]*?)```/g),
  ([, code = ""]) => code.trim(),
);

/** The names of the npm scripts that the README runs. */
export const npmScripts: readonly string[] = Array.from(
  readme.matchAll(/\bnpm (?:run (?:-s )?([\w-]+)|(start|test)\b)/g),
  ([, named, usual]) => named ?? usual ?? "",
);

/** The snippet with this in it. */
export function snippetWith(text: string): string {
  const found = snippets.find((snippet) => snippet.includes(text));
  if (found === undefined) throw new Error(`the README has no snippet with "${text}"`);
  return found;
}

/** What a snippet has to do. */
export interface Promised {
  /** A line like each of these is printed. */
  readonly prints: readonly RegExp[];
  /** It goes on until Ctrl-C, and does not end with 0 before. */
  readonly goesOn?: boolean;
}

/** Types a snippet into a shell, against the server at `url`. Rejects unless it does what was promised. */
export async function tryOut(
  snippet: string,
  { prints, goesOn = false }: Promised,
  url: string,
  { cwd = root, path = [] }: { readonly cwd?: string; readonly path?: readonly string[] } = {},
): Promise<void> {
  const script = snippet.replaceAll("http://127.0.0.1:8080", url);
  const searched = [...path, process.env["PATH"]].join(":");
  const env = environment({ LONGRUNNING_SERVER: url, SERVER: url, PATH: searched });
  await using shell = runShell(script, cwd, env);
  if (goesOn) {
    for (const pattern of prints) await shell.line(pattern);
    if (shell.process.pid !== undefined) process.kill(-shell.process.pid, "SIGINT");
    await shell.exit();
    return;
  }
  const code = await shell.exit();
  const isKept = code === 0 && prints.every((pattern) => shell.lines.some((line) => pattern.test(line)));
  if (!isKept) throw new Error(`it ended with ${code}: ${shell.lines.join("\n")}`);
}
