import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Code, ConnectError } from "@connectrpc/connect";
import { UsageError } from "../server/usage-error.ts";
import type { TokenCommand } from "./profile.ts";
import type { Sourced, TokenSource } from "./settings.ts";

/** How long a command may take that answers with a token: somebody may have to log in. */
const COMMAND_MS = 120_000;

/** What a header takes: visible ASCII, without a space. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The token of calls. A command that answers with it is asked when the first call needs it. */
export class BearerToken {
  readonly #source: TokenSource;
  readonly #from: string;
  readonly #commandMs: number;
  #known: Promise<string> | undefined;
  /** Every token that was ever used, for `redacted`. */
  readonly #used = new Set<string>();

  /** A command may take `commandMs`. */
  constructor({ value, from }: Sourced<TokenSource>, commandMs = COMMAND_MS) {
    this.#commandMs = commandMs;
    this.#source = value;
    this.#from = from;
  }

  /** Throws a UsageError where there is none. */
  get(): Promise<string> {
    this.#known ??= this.#read();
    return this.#known;
  }

  /** A token other than the one that was refused; undefined where there is no way to another one. */
  async renewed(refused: string): Promise<string | undefined> {
    if (this.#source.kind === "environment") return undefined;
    // Of calls that are refused together, one asks for all.
    if ((await this.#known) === refused) this.#known = this.#read();
    const token = await this.get();
    return token === refused ? undefined : token;
  }

  /** The text without any token in it: a server, or a library, may have quoted one. */
  redacted(text: string): string {
    let shown = text;
    for (const token of this.#used) shown = shown.replaceAll(token, "[token]");
    return shown;
  }

  async #read(): Promise<string> {
    const source = this.#source;
    const text =
      source.kind === "environment"
        ? source.token
        : await output(source.command, this.#from, this.#commandMs);
    const token = text.trim();
    if (!TOKEN.test(token)) {
      const what = source.kind === "environment" ? this.#from : `what tokenCommand of ${this.#from} prints`;
      throw new UsageError(
        `${what} is no token: ${token === "" ? "it is empty" : "a token is one word of ASCII"}`,
      );
    }
    this.#used.add(token);
    return token;
  }
}

/** Whether a call was refused because of its token, or because it had none. */
export function isTokenRefused(error: unknown): boolean {
  return ConnectError.from(error).code === Code.Unauthenticated;
}

async function output(command: TokenCommand, from: string, timeout: number): Promise<string> {
  const [file, ...args] = typeof command === "string" ? shell(command) : command;
  try {
    const { stdout } = await promisify(execFile)(file, args, { timeout });
    return stdout;
  } catch (error) {
    throw new UsageError(`tokenCommand of ${from} ${faultOf(error)}`);
  }
}

function shell(command: string): [string, ...string[]] {
  return process.platform === "win32" ? ["cmd.exe", "/d", "/s", "/c", command] : ["/bin/sh", "-c", command];
}

/** What became of a command, without what it printed to its output: that may be a token. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const { code, killed, stderr } = error as Error & { code?: unknown; killed?: boolean; stderr?: string };
  if (code === "ENOENT") return "names a program that is not there";
  if (killed === true) return "took too long";
  const [said = ""] = (stderr ?? "").trim().split("\n");
  return `ended with ${String(code)}${said === "" ? "" : `: ${said}`}`;
}
