import { parseArgs } from "node:util";
import {
  ACCESS_OPTIONS,
  ACCESS_USAGE,
  type AccessConfig,
  checkExposure,
  readAccess,
} from "./access-config.ts";
import {
  type Role,
  readAllowedHost,
  readConcurrency,
  readCount,
  readDuration,
  readEngine,
  readErrorDomain,
  readHost,
  readLease,
  readMost,
  readPort,
  readProcesses,
  readRole,
  readStore,
  readTimeout,
  type StoreAddress,
} from "./flag-values.ts";
import { LIMIT_FLAGS, LIMIT_USAGE, type Limits, readLimits } from "./limit-flags.ts";
import {
  readTelemetry,
  TELEMETRY_OPTIONS,
  TELEMETRY_USAGE,
  type TelemetryConfig,
} from "./telemetry-flags.ts";
import { UsageError } from "./usage-error.ts";

/** How the server was asked to run. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly store: StoreAddress;
  readonly role: Role;
  /** How many processes share the port and the store; 1: this one. */
  readonly processes: number;
  /** Where the Redis is by which BullMQ delivers work; undefined: it is claimed from the store. */
  readonly engineUrl: string | undefined;
  /** How much resumable work runs at a time; undefined: as the manager says. */
  readonly concurrency: number | undefined;
  readonly maxWaitMs: number;
  readonly leaseMs: number;
  readonly graceMs: number;
  readonly retentionMs: number;
  readonly mostKeptPerParent: number | undefined;
  /** What it takes at most. */
  readonly limits: Limits;
  readonly corsOrigins: readonly string[];
  /** The names by which it may be called; undefined: as `serve` says. */
  readonly allowedHosts: readonly string[] | undefined;
  readonly tls: { readonly keyFile: string; readonly certFile: string } | undefined;
  /** Who may call; undefined: everybody may do everything. */
  readonly access: AccessConfig | undefined;
  readonly isInsecure: boolean;
  /** The ErrorInfo domain; undefined: this package's. */
  readonly errorDomain: string | undefined;
  /** Whether clients may ask what is served. */
  readonly reflection: boolean;
  /** Whether operations may be watched. */
  readonly watch: boolean;
  /** Whether methods are served by REST. */
  readonly rest: boolean;
  /** Whether `/` is the console. */
  readonly console: boolean;
  /** Whether unary calls go the short way. */
  readonly direct: boolean;
  /** Whether to mount the simulator. */
  readonly simulator: boolean;
  /** What it tells of itself. */
  readonly telemetry: TelemetryConfig;
  /** The values of further options, by name; an option that was not given is missing. */
  readonly further: ReadonlyMap<string, string>;
}

/** A further option with a value, for a server that is this one and more. */
export interface FurtherOption {
  /** `archive-root` for `--archive-root DIR`. */
  readonly name: string;
  /** `DIR`. */
  readonly value: string;
  readonly help: string;
}

const OPTIONS = {
  host: { type: "string" },
  port: { type: "string" },
  store: { type: "string" },
  "max-wait": { type: "string" },
  role: { type: "string" },
  processes: { type: "string" },
  engine: { type: "string" },
  concurrency: { type: "string" },
  lease: { type: "string" },
  grace: { type: "string" },
  retention: { type: "string" },
  "max-kept": { type: "string" },
  ...LIMIT_FLAGS,
  "cors-origin": { type: "string", multiple: true },
  "allow-host": { type: "string", multiple: true },
  "tls-key": { type: "string" },
  "tls-cert": { type: "string" },
  ...ACCESS_OPTIONS,
  ...TELEMETRY_OPTIONS,
  "error-domain": { type: "string" },
  "no-reflection": { type: "boolean" },
  "no-watch": { type: "boolean" },
  "no-rest": { type: "boolean" },
  "no-console": { type: "boolean" },
  "no-direct": { type: "boolean" },
  simulator: { type: "boolean" },
} as const;

/** What `--help` prints of a program of that name. */
export function usage(further: readonly FurtherOption[], program = "longrunning-server"): string {
  const more = further
    .map(({ name, value, help }) => `  ${`--${name} ${value}`.padEnd(22)}${help}\n`)
    .join("");
  return `usage: ${program} [options]

  --host HOST           address to listen on (HOST; 127.0.0.1)
  --port PORT           port to listen on, 0 picks one (PORT; 8080)
  --store STORE         where operations are kept: sqlite:FILE, memory, or postgres://USER@HOST/DB
                        (sqlite:data/operations.db)
  --max-wait DURATION   longest wait of one WaitOperation (4m)
  --role ROLE           server answers calls, worker runs resumable work, all does both (all)
  --processes NUMBER    how many processes share the port, and the store (1)
  --engine URL          redis://HOST: BullMQ delivers resumable work (the store does)
  --concurrency NUMBER  how much resumable work this process runs at a time (100)
  --lease DURATION      how soon it is noticed that a server is gone, with its work (10s)
  --grace DURATION      how long calls and work may go on when the server stops (10s)
  --retention DURATION  how long finished operations are kept (30d)
  --max-kept NUMBER     how many finished operations of one parent are kept (any number)
${LIMIT_USAGE}  --cors-origin ORIGIN  web pages that may call, * for all; may be repeated (none)
  --allow-host NAME     a name the server may be called by, .NAME with all below it, * any; may be
                        repeated (by HTTP/1.1 localhost and IP addresses alone, where it listens on
                        those of this machine, without TLS, and nobody is asked who they are;
                        else any)
  --tls-key FILE        private key in PEM form; serves TLS, with --tls-cert
  --tls-cert FILE       certificate in PEM form
${ACCESS_USAGE}  --error-domain NAME   who refuses, in the ErrorInfo of errors (longrunning)
  --no-reflection       keep grpcurl and buf from asking what is served
  --no-watch            keep clients from watching operations
  --no-rest             serve nothing by REST, and no /openapi.json
  --no-console          serve no page at /
  --no-direct           send unary calls through node:http2 and Connect's own handlers too
${TELEMETRY_USAGE}  --simulator           mount longrunning.testing.v1.SimulatorService
${more}  --help                print this

DURATION is a number with ms, s, m, h or d. The environment gives HOST and PORT where no flag does.
`;
}

/**
 * Reads flags and environment. Answers "help" where help was asked for.
 * Throws a UsageError that names the flag and its value.
 */
export function readConfig(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  further: readonly FurtherOption[] = [],
): Config | "help" {
  if (args.includes("--help")) return "help";
  const values = parse(args, further);
  const keyFile = values["tls-key"];
  const certFile = values["tls-cert"];
  if ((keyFile === undefined) !== (certFile === undefined)) {
    throw new UsageError("--tls-key and --tls-cert go together");
  }
  const host = readHost(values["host"] ?? (env["HOST"] || "127.0.0.1"));
  const role = readRole(values["role"] ?? "all");
  const access = readAccess(values, keyFile !== undefined);
  const isInsecure = values["insecure"] === true;
  if (role !== "worker") checkExposure(host, access, isInsecure);
  return {
    host,
    role,
    access,
    isInsecure,
    port: readPort(
      values["port"] !== undefined ? "--port" : "PORT",
      values["port"] ?? (env["PORT"] || "8080"),
    ),
    store: readStore(values["store"] ?? "sqlite:data/operations.db"),
    maxWaitMs: readDuration("--max-wait", values["max-wait"] ?? "4m"),
    processes: readProcesses(values["processes"] ?? "1"),
    engineUrl: readEngine(values["engine"]),
    concurrency: readConcurrency(values["concurrency"]),
    leaseMs: readLease(values["lease"] ?? "10s"),
    graceMs: readDuration("--grace", values["grace"] ?? "10s"),
    retentionMs: readDuration("--retention", values["retention"] ?? "30d"),
    mostKeptPerParent: readCount("--max-kept", values["max-kept"]),
    limits: readLimits(
      (flag) => readMost(`--${flag}`, values[flag]),
      (flag) => readTimeout(`--${flag}`, values[flag]),
    ),
    corsOrigins: values["cors-origin"] ?? [],
    allowedHosts: values["allow-host"]?.map(readAllowedHost),
    tls: keyFile === undefined || certFile === undefined ? undefined : { keyFile, certFile },
    errorDomain: readErrorDomain(values["error-domain"]),
    reflection: !(values["no-reflection"] ?? false),
    watch: values["no-watch"] !== true,
    rest: values["no-rest"] !== true,
    console: values["no-console"] !== true,
    direct: values["no-direct"] !== true,
    simulator: values["simulator"] ?? false,
    telemetry: readTelemetry(values),
    further: new Map(further.flatMap(({ name }) => entryOf(values, name))),
  };
}

function parse(args: readonly string[], further: readonly FurtherOption[]) {
  const more = Object.fromEntries(further.map(({ name }) => [name, { type: "string" } as const]));
  try {
    return parseArgs({ args: [...args], options: { ...more, ...OPTIONS }, allowPositionals: false }).values;
  } catch (error) {
    // Node's own sentence names the flag; what follows it is advice.
    const [sentence = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${sentence.replace(/\s+/g, " ").replace(/\.$/, "")}; --help lists the options`);
  }
}

function entryOf(values: object, name: string): [string, string][] {
  const value: unknown = Reflect.get(values, name);
  return typeof value === "string" ? [[name, value]] : [];
}
