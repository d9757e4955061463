import { dirname, resolve } from "node:path";
import { UsageError } from "../server/usage-error.ts";
import { PROTOCOLS, type Protocol } from "./protocol.ts";

/** A command whose output is a token: what a shell runs, or a program with its arguments. */
export type TokenCommand = string | readonly [string, ...string[]];

/** A server under a name, and how it is called. */
export interface Profile {
  readonly server?: string;
  readonly protocol?: Protocol;
  /** Files in PEM form. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Whether any certificate of the server is taken, and a token is sent in clear text. */
  readonly insecure?: boolean;
  readonly tokenCommand?: TokenCommand;
}

const TEXTS = ["server", "ca", "cert", "key"] as const;
const FILES: readonly string[] = ["ca", "cert", "key"];
const KEYS = [...TEXTS, "protocol", "insecure", "tokenCommand"];

/** Reads one profile of a file. Throws a UsageError that names the file, the profile and the key. */
export function readProfile(file: string, name: string, value: unknown): Profile {
  const where = `profile "${name}" in ${file}`;
  const entries = entriesOf(value);
  if (entries === undefined) throw new UsageError(`${where} is no mapping of settings`);
  if (entries.has("token")) {
    // Its value is not shown.
    throw new UsageError(
      `${where} has a token in it; tokens come from LONGRUNNING_TOKEN or from a tokenCommand`,
    );
  }
  for (const key of entries.keys()) {
    if (!KEYS.includes(key)) {
      throw new UsageError(`${where} has the unknown setting "${key}"; ${KEYS.join(", ")} are known`);
    }
  }
  const texts = TEXTS.flatMap((key) => {
    const text = entries.get(key);
    if (text === undefined) return [];
    if (typeof text !== "string" || text === "") throw new UsageError(`${key} of ${where} is no text`);
    // A file is named from where the configuration is, wherever the program is called.
    return [[key, FILES.includes(key) ? resolve(dirname(file), text) : text] as const];
  });
  const protocol = entries.get("protocol");
  const insecure = entries.get("insecure");
  if (insecure !== undefined && typeof insecure !== "boolean") {
    throw new UsageError(`insecure of ${where} is neither true nor false`);
  }
  return {
    ...Object.fromEntries(texts),
    ...(protocol === undefined ? {} : { protocol: readProtocol(`protocol of ${where}`, protocol) }),
    ...(insecure === undefined ? {} : { insecure }),
    ...(entries.has("tokenCommand")
      ? { tokenCommand: readTokenCommand(where, entries.get("tokenCommand")) }
      : {}),
  };
}

/** Reads the name of a protocol. Throws a UsageError that begins with `what`. */
export function readProtocol(what: string, value: unknown): Protocol {
  const protocol = PROTOCOLS.find((one) => one === value);
  if (protocol !== undefined) return protocol;
  throw new UsageError(`${what} is ${JSON.stringify(value)}, which is none of ${PROTOCOLS.join(", ")}`);
}

/** The entries of a mapping; undefined for anything else. */
export function entriesOf(value: unknown): ReadonlyMap<string, unknown> | undefined {
  const isMapping = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMapping ? new Map(Object.entries(value)) : undefined;
}

function readTokenCommand(where: string, value: unknown): TokenCommand {
  if (typeof value === "string" && value !== "") return value;
  if (Array.isArray(value) && value.every((word) => typeof word === "string")) {
    const [program, ...args] = value as string[]; // each was looked at
    if (program) return [program, ...args];
  }
  throw new UsageError(`tokenCommand of ${where} is neither a command line nor a list of words`);
}
