import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parse } from "yaml";
import { UsageError } from "../server/usage-error.ts";
import { entriesOf, type Profile, readProfile } from "./profile.ts";

/** The profiles that a person keeps. */
export interface ConfigFile {
  /** Where they are, or would be. */
  readonly path: string;
  readonly exists: boolean;
  /** Whether a flag names it, and not what a person has set up. */
  readonly isNamedByFlag: boolean;
  /** The profile that is in force where none is named. */
  readonly profile: string | undefined;
  readonly profiles: ReadonlyMap<string, Profile>;
}

type Environment = Readonly<Record<string, string | undefined>>;

const NAMES = ["config.yaml", "config.yml", "config.json"];
const KEYS = ["profile", "profiles"];

/**
 * Reads the file that is named, or else the first of config.yaml, config.yml and config.json in the folder
 * `longrunning` of $XDG_CONFIG_HOME (~/.config). That there is none is no fault, unless it was named.
 * Throws a UsageError that names the file, and what in it cannot be understood.
 */
export async function readConfigFile(named: string | undefined, env: Environment): Promise<ConfigFile> {
  const path = named ?? (env["LONGRUNNING_CONFIG"] || undefined);
  if (path !== undefined) {
    const text = await contents(path);
    if (text === undefined) throw new UsageError(`configuration file ${path} is not there`);
    return { ...readText(path, text), isNamedByFlag: named !== undefined };
  }
  const paths = NAMES.map((name) => join(configFolder(env), name));
  for (const path of paths) {
    const text = await contents(path);
    if (text !== undefined) return readText(path, text);
  }
  const [path0 = ""] = paths;
  return { path: path0, exists: false, isNamedByFlag: false, profile: undefined, profiles: new Map() };
}

// A relative $XDG_CONFIG_HOME counts as none (XDG Base Directory Specification).
function configFolder(env: Environment): string {
  const base = env["XDG_CONFIG_HOME"] ?? "";
  return join(isAbsolute(base) ? base : join(homedir(), ".config"), "longrunning");
}

async function contents(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new UsageError(`configuration file ${path} cannot be read: ${code ?? error}`);
  }
}

function readText(path: string, text: string): ConfigFile {
  const entries = entriesOf(parsed(path, text) ?? {});
  if (entries === undefined) throw new UsageError(`configuration file ${path} is no mapping`);
  for (const key of entries.keys()) {
    if (!KEYS.includes(key)) {
      throw new UsageError(
        `configuration file ${path} has the unknown key "${key}"; profile and profiles are known`,
      );
    }
  }
  const named = entriesOf(entries.get("profiles") ?? {});
  if (named === undefined) throw new UsageError(`profiles in ${path} is no mapping of names to settings`);
  const profiles = new Map(Array.from(named, ([name, value]) => [name, readProfile(path, name, value)]));
  const profile = entries.get("profile") ?? undefined;
  if (profile !== undefined && typeof profile !== "string") {
    throw new UsageError(`profile in ${path} is not the name of a profile`);
  }
  return { path, exists: true, isNamedByFlag: false, profile, profiles };
}

// JSON is YAML.
function parsed(path: string, text: string): unknown {
  try {
    return parse(text, { logLevel: "error" });
  } catch (error) {
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UsageError(`configuration file ${path} is no YAML: ${sentence.replace(/:$/, "")}`);
  }
}
