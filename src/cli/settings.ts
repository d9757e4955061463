import { UsageError } from "../server/usage-error.ts";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import { type Profile, readProtocol, type TokenCommand } from "./profile.ts";
import type { Protocol } from "./protocol.ts";

/** The flags that every command takes. */
export interface GlobalFlags {
  readonly server?: string;
  readonly protocol?: string;
  readonly profile?: string;
  readonly config?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly reflection: boolean;
  readonly color: boolean;
  readonly debug?: boolean;
}

/** A value, and who gave it: a flag, a variable, a profile, or nobody. */
export interface Sourced<Value> {
  readonly value: Value;
  readonly from: string;
}

/** Where a bearer token comes from. */
export type TokenSource =
  | { readonly kind: "environment"; readonly token: string }
  | { readonly kind: "command"; readonly command: TokenCommand };

/** Which server is called, and how. */
export interface Settings {
  readonly file: ConfigFile;
  readonly profile: Sourced<string> | undefined;
  /** A URL of http or https, without a slash at its end. */
  readonly server: Sourced<string>;
  readonly protocol: Sourced<Protocol>;
  readonly ca: Sourced<string> | undefined;
  readonly cert: Sourced<string> | undefined;
  readonly key: Sourced<string> | undefined;
  readonly insecure: Sourced<boolean>;
  readonly token: Sourced<TokenSource> | undefined;
  /** Whether the server is asked for types that are not known. */
  readonly reflection: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Layer {
  readonly from: (key: string) => string;
  readonly values: Omit<Profile, "tokenCommand" | "protocol"> & {
    readonly protocol?: string;
    readonly token?: TokenSource;
  };
}

const DEFAULT_SERVER = "http://127.0.0.1:8080";

/**
 * What is asked for by flags, then by the environment, then by the profile that is in force; a profile that a flag
 * names goes before the environment. A profile's credentials are for the profile's server alone: another one that
 * is named gets none of them. Throws a UsageError.
 */
export async function readSettings(flags: GlobalFlags, env: Environment): Promise<Settings> {
  const file = await readConfigFile(flags.config, env);
  const profile = chosenProfile(flags, env, file);
  const layers = [flagsLayer(flags), environmentLayer(env)];
  const kept = profile && file.profiles.get(profile.value);
  if (profile !== undefined && kept !== undefined) {
    const own = profileLayer(profile.value, kept);
    const place = flags.profile === undefined ? 2 : 1;
    const server = pick([...layers.slice(0, place), own], "server");
    layers.splice(place, 0, isSameServer(server?.value, kept.server) ? own : withoutCredentials(own));
  }
  const server = pick(layers, "server") ?? { value: DEFAULT_SERVER, from: "default" };
  const protocol = pick(layers, "protocol") ?? { value: "grpc", from: "default" };
  const [cert, key] = [pick(layers, "cert"), pick(layers, "key")];
  if ((cert === undefined) !== (key === undefined)) throw new UsageError("--cert and --key go together");
  return {
    ...{ file, profile, cert, key, ca: pick(layers, "ca") },
    server: { ...server, value: readServer(server) },
    protocol: { ...protocol, value: readProtocol(protocol.from, protocol.value) },
    insecure: pick(layers, "insecure") ?? { value: false, from: "default" },
    token: pick(layers, "token"),
    reflection: flags.reflection,
  };
}

function chosenProfile(flags: GlobalFlags, env: Environment, file: ConfigFile): Sourced<string> | undefined {
  const named = [
    { value: flags.profile, from: "--profile" },
    { value: env["LONGRUNNING_PROFILE"] || undefined, from: "LONGRUNNING_PROFILE" },
    { value: file.profile, from: `profile in ${file.path}` },
  ];
  for (const { value, from } of named) {
    if (value === undefined) continue;
    if (file.profiles.has(value)) return { value, from };
    const known = [...file.profiles.keys()].join(", ") || "no profile";
    throw new UsageError(`${from} "${value}" is not a profile; ${file.path} has ${known}`);
  }
  return undefined;
}

function flagsLayer(flags: GlobalFlags): Layer {
  const { server, protocol, ca, cert, key, insecure } = flags;
  const given = Object.entries({ server, protocol, ca, cert, key, insecure }).filter(
    ([, value]) => value !== undefined,
  );
  return { from: (name) => `--${name}`, values: Object.fromEntries(given) };
}

function environmentLayer(env: Environment): Layer {
  const [server, token] = [env["LONGRUNNING_SERVER"], env["LONGRUNNING_TOKEN"]];
  return {
    from: (name) => `LONGRUNNING_${name.toUpperCase()}`,
    values: {
      ...(server ? { server } : {}),
      ...(token ? { token: { kind: "environment", token } as const } : {}),
    },
  };
}

function profileLayer(name: string, { tokenCommand, ...values }: Profile): Layer {
  const token = tokenCommand && ({ kind: "command", command: tokenCommand } as const);
  return { from: () => `profile "${name}"`, values: { ...values, ...(token ? { token } : {}) } };
}

function withoutCredentials({ from, values: { protocol } }: Layer): Layer {
  return { from, values: protocol === undefined ? {} : { protocol } };
}

function isSameServer(asked: string | undefined, own: string | undefined): boolean {
  if (asked === undefined || own === undefined) return asked === own;
  return URL.canParse(asked) && URL.canParse(own) && new URL(asked).origin === new URL(own).origin;
}

function pick<Key extends keyof Layer["values"]>(
  layers: readonly Layer[],
  key: Key,
): Sourced<NonNullable<Layer["values"][Key]>> | undefined {
  for (const { from, values } of layers) {
    const value = values[key];
    if (value !== undefined) return { value, from: from(key) };
  }
  return undefined;
}

function readServer({ value, from }: Sourced<string>): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.username || url?.password) {
    throw new UsageError(`${from} has a user or a password in it; LONGRUNNING_TOKEN is for tokens`);
  }
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
    throw new UsageError(`${from} "${value}" is not the address of a server; http://127.0.0.1:8080 is one`);
  }
  return url.href.replace(/\/+$/, "");
}
