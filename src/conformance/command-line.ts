import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { JsonObject } from "@bufbuild/protobuf";
import type { ConformanceOptions } from "./conformance-options.ts";
import { PROTOCOLS, type Protocol } from "./protocol.ts";
import { objectOf } from "./rest/json-object.ts";
import { restRoute, rpcName, START_KINDS, type StartMethod } from "./start-method.ts";
import { ConformanceUsageError } from "./usage-error.ts";

/** What a person asked for. */
export interface CommandLine {
  readonly options: ConformanceOptions;
  readonly json: boolean;
}

const OPTIONS = {
  protocol: { type: "string", multiple: true },
  start: { type: "string" },
  succeeds: { type: "string" },
  fails: { type: "string" },
  lasts: { type: "string" },
  refused: { type: "string" },
  schema: { type: "string" },
  "rest-path": { type: "string" },
  parent: { type: "string" },
  unknown: { type: "string" },
  header: { type: "string", multiple: true },
  timeout: { type: "string" },
  only: { type: "string", multiple: true },
  json: { type: "boolean" },
} as const;

/** What `--help` prints. */
export const USAGE = `usage: longrunning-conformance [options] URL

Checks a google.longrunning server, in any language, against operations.proto and the AIPs.
It starts operations of its own there, and cancels and deletes them again.

  --protocol NAME     grpc, connect, grpc-web or rest; may be repeated (all that answer)
  --start METHOD      how operations are started: pkg.Service/Method, or "POST /v1/things:work"
                      (SimulatorService of this package, or Echo of gapic-showcase, by reflection)
  --succeeds JSON     request of an operation that takes about a second, and succeeds
  --fails JSON        request of an operation that fails soon after it has started
  --lasts JSON        request of an operation that runs for minutes, and can be cancelled
  --refused JSON      request for work that cannot start
  --schema FILE       FileDescriptorSet with the method (what the server's reflection tells)
  --rest-path PATH    what REST paths begin with (/v1)
  --parent NAME       what is listed (what the names of operations begin with)
  --unknown NAME      a name that no operation has (the name of one, with another end)
  --header NAME:VALUE header of every call, credentials for example; may be repeated
  --timeout DURATION  how long an answer, or an operation that ends, is waited for (30s)
  --only ID           one check, or one topic, such as wait; may be repeated (all)
  --json              print the report as JSON
  --list              print all checks, and where each is written
  --help              print this

Ends with 0 where every check passed that a server must pass, with 1 where one failed, and with 2 where nothing
could be checked. DURATION is a number with ms, s or m.
`;

/**
 * Reads the arguments of the command. Answers "help" or "list" where that was asked for. Throws a
 * ConformanceUsageError that names the flag and its value.
 */
export async function readCommandLine(args: readonly string[]): Promise<CommandLine | "help" | "list"> {
  if (args.includes("--help")) return "help";
  if (args.includes("--list")) return "list";
  const { values, positionals } = parse(args);
  const [baseUrl, ...more] = positionals;
  if (baseUrl === undefined) throw new ConformanceUsageError("no URL is given; --help lists the options");
  if (more.length > 0) throw new ConformanceUsageError(`"${more[0]}" is one URL too many`);
  const options: ConformanceOptions = {
    baseUrl,
    protocol: readProtocols(values["protocol"]),
    start: await readStart(values),
    restPath: values["rest-path"],
    parent: values["parent"],
    unknownName: values["unknown"],
    headers: readHeaders(values["header"] ?? []),
    patienceMs: readDuration(values["timeout"] ?? "30s"),
    only: values["only"],
  };
  return { options, json: values["json"] ?? false };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // Node's own sentence names the flag; what follows it is advice.
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    const said = sentence.replaceAll(/\s+/g, " ").replace(/\.$/, "");
    throw new ConformanceUsageError(`${said}; --help lists the options`);
  }
}

function readProtocols(names: readonly string[] | undefined): readonly Protocol[] | undefined {
  return names?.map((name) => {
    const protocol = PROTOCOLS.find((one) => one === name);
    if (protocol !== undefined) return protocol;
    throw new ConformanceUsageError(`--protocol "${name}" is none of ${PROTOCOLS.join(", ")}`);
  });
}

async function readStart(values: Readonly<Record<string, unknown>>): Promise<StartMethod | undefined> {
  const method = values["start"];
  if (typeof method !== "string") {
    const without = [...START_KINDS, "schema"].find((name) => values[name] !== undefined);
    if (without === undefined) return undefined;
    throw new ConformanceUsageError(`--${without} needs --start: how operations are started`);
  }
  if (restRoute(method) === undefined && rpcName(method) === undefined) {
    throw new ConformanceUsageError(
      `--start "${method}" is no method; pkg.Service/Method and "POST /v1/things" are`,
    );
  }
  const requests = START_KINDS.flatMap((kind) => {
    const text = values[kind];
    return typeof text === "string" ? [[kind, readJson(kind, text)] as const] : [];
  });
  if (requests.length === 0) {
    throw new ConformanceUsageError("--start needs --succeeds, --fails or --lasts: what it is called with");
  }
  const file = values["schema"];
  const schema = typeof file === "string" ? { schema: await readSchemaFile(file) } : {};
  return { method, ...Object.fromEntries(requests), ...schema };
}

function readJson(kind: string, text: string): JsonObject {
  try {
    const object = objectOf(JSON.parse(text));
    if (object !== undefined) return object;
  } catch {
    // What cannot be parsed is no object either.
  }
  throw new ConformanceUsageError(`--${kind} ${JSON.stringify(text)} is no JSON object`);
}

async function readSchemaFile(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConformanceUsageError(`--schema "${file}" cannot be read: ${why}`);
  }
}

function readHeaders(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([\w-]+)\s*:\s*(.*)$/.exec(text) ?? [];
      // A value may be a password: it is not repeated.
      if (name === undefined || value === undefined)
        throw new ConformanceUsageError("--header is not NAME:VALUE");
      return [name.toLowerCase(), value];
    }),
  );
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function readDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(text) ?? [];
  const ms = Number(amount) * (UNIT_MS[unit ?? ""] ?? 0);
  if (ms > 0) return ms;
  throw new ConformanceUsageError(`--timeout "${text}" is not a duration such as 500ms, 30s or 2m`);
}
