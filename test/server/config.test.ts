import { describe, expect, it } from "vitest";
import { type Config, readConfig, usage } from "../../src/server/config.ts";
import { UsageError } from "../../src/server/usage-error.ts";

const ARCHIVE = { name: "archive-root", value: "DIR", help: "what it is for" };
const DAY_MS = 24 * 60 * 60 * 1_000;

const JWT = ["--jwt-issuer", "i", "--jwt-audience", "a"];
const ISSUED = { issuer: "i", audience: "a" };
const UNTOLD = { metrics: undefined, telemetry: false, logFormat: "text" } as const;
const LET_IN = {
  jwt: undefined,
  clientCaFile: undefined,
  policy: "owner",
  scopes: undefined,
  isClosed: false,
} as const;

describe("the configuration", () => {
  it("without flags is that of a server for this machine alone", () => {
    expect(read()).toEqual({
      host: "127.0.0.1",
      access: undefined,
      isInsecure: false,
      port: 8080,
      store: { kind: "sqlite", file: "data/operations.db" },
      role: "all",
      processes: 1,
      engineUrl: undefined,
      concurrency: undefined,
      maxWaitMs: 240_000,
      leaseMs: 10_000,
      graceMs: 10_000,
      retentionMs: 30 * DAY_MS,
      mostKeptPerParent: undefined,
      limits: {
        maxConnections: undefined,
        idleTimeoutMs: undefined,
        maxWaits: undefined,
        maxWaitsPerPrincipal: undefined,
        maxRunning: undefined,
        maxRunningPerPrincipal: undefined,
        maxCallsPerSecond: undefined,
        maxCallsPerSecondPerPrincipal: undefined,
      },
      corsOrigins: [],
      allowedHosts: undefined,
      tls: undefined,
      errorDomain: undefined,
      reflection: true,
      rest: true,
      watch: true,
      direct: true,
      console: true,
      simulator: false,
      telemetry: UNTOLD,
      further: new Map(),
    });
  });

  it.each<[args: string[], expected: Partial<Config>]>([
    [["--host", "::1"], { host: "::1" }],
    [["--host=localhost"], { host: "localhost" }],
    [["--port", "0"], { port: 0 }],
    [["--port=65535"], { port: 65_535 }],
    [["--store", "memory"], { store: { kind: "memory" } }],
    [["--store", "postgres://me@h/db"], { store: { kind: "postgres", url: "postgres://me@h/db" } }],
    [["--store", "postgresql:///db"], { store: { kind: "postgres", url: "postgresql:///db" } }],
    [["--store", "sqlite:x.db"], { store: { kind: "sqlite", file: "x.db" } }],
    [["--engine", "redis://h:6379/1"], { engineUrl: "redis://h:6379/1" }],
    [["--no-rest"], { rest: false }],
    [["--no-watch"], { watch: false }],
    [["--no-direct"], { direct: false }],
    [["--no-console"], { console: false }],
    [["--store=sqlite:/a b/c:d"], { store: { kind: "sqlite", file: "/a b/c:d" } }],
    [["--role", "worker"], { role: "worker" }],
    [["--role=server"], { role: "server" }],
    [["--processes", "4"], { processes: 4 }],
    [["--concurrency", "8"], { concurrency: 8 }],
    [["--max-kept", "1000"], { mostKeptPerParent: 1_000 }],
    [["--lease", "1s"], { leaseMs: 1_000 }],
    [["--max-wait", "90s"], { maxWaitMs: 90_000 }],
    [["--max-wait", "0s"], { maxWaitMs: 0 }],
    [["--grace", "250ms"], { graceMs: 250 }],
    [["--grace", "1.5s"], { graceMs: 1_500 }],
    [["--retention", "12h"], { retentionMs: DAY_MS / 2 }],
    [["--retention", "2d"], { retentionMs: 2 * DAY_MS }],
    [["--retention", "5m"], { retentionMs: 300_000 }],
    [["--cors-origin", "*"], { corsOrigins: ["*"] }],
    [
      ["--cors-origin", "https://a", "--cors-origin", "https://b"],
      { corsOrigins: ["https://a", "https://b"] },
    ],
    [["--allow-host", "a.example", "--allow-host=.b.example"], { allowedHosts: ["a.example", ".b.example"] }],
    [["--allow-host", "*"], { allowedHosts: ["*"] }],
    [["--tls-key", "k", "--tls-cert", "c"], { tls: { keyFile: "k", certFile: "c" } }],
    [
      [...JWT, "--jwt-keys", "keys.json", "--jwt-scope", "a", "--jwt-scope", "b"],
      { access: { ...LET_IN, jwt: { ...ISSUED, keys: "keys.json" }, scopes: ["a", "b"] } },
    ],
    [
      [...JWT, "--jwt-keys", "https://i.example/k", "--jwt-scope", "", "--policy", "any", "--closed"],
      {
        access: {
          ...{ jwt: { ...ISSUED, keys: new URL("https://i.example/k") }, clientCaFile: undefined },
          ...{ scopes: [], policy: "any", isClosed: true },
        },
      },
    ],
    [
      ["--tls-key", "k", "--tls-cert", "c", "--tls-client-ca", "a", "--host", "0.0.0.0"],
      { host: "0.0.0.0", access: { ...LET_IN, clientCaFile: "a" } },
    ],
    [["--host", "0.0.0.0", "--role", "worker"], { host: "0.0.0.0" }],
    [["--metrics", "9464"], { telemetry: { ...UNTOLD, metrics: { host: "127.0.0.1", port: 9_464 } } }],
    [["--metrics", "10.0.0.1:1"], { telemetry: { ...UNTOLD, metrics: { host: "10.0.0.1", port: 1 } } }],
    [["--metrics=[::1]:0"], { telemetry: { ...UNTOLD, metrics: { host: "::1", port: 0 } } }],
    [["--telemetry"], { telemetry: { ...UNTOLD, telemetry: true } }],
    [["--log-format", "json"], { telemetry: { ...UNTOLD, logFormat: "json" } }],
    [["--simulator"], { simulator: true }],
    [["--no-reflection"], { reflection: false }],
    [["--error-domain", "a.example.com"], { errorDomain: "a.example.com" }],
    [["--port", "1", "--port", "2"], { port: 2 }],
  ])("of %j has it", (args, expected) => {
    expect(read(args)).toMatchObject(expected);
  });

  it("takes the host and the port of the environment", () => {
    expect(read(["--insecure"], { HOST: "0.0.0.0", PORT: "9000" })).toMatchObject({
      host: "0.0.0.0",
      port: 9_000,
    });
  });

  it("takes a flag rather than the environment", () => {
    const env = { HOST: "0.0.0.0", PORT: "9000" };
    expect(read(["--host", "::1", "--port", "1"], env)).toMatchObject({ host: "::1", port: 1 });
  });

  it("takes a flag though the environment is wrong", () => {
    expect(read(["--port", "1"], { PORT: "nonsense" })).toMatchObject({ port: 1 });
  });

  it("takes an option that the server adds", () => {
    const config = readConfig(["--archive-root", "data"], {}, [ARCHIVE]);
    expect(config !== "help" && config.further).toEqual(new Map([["archive-root", "data"]]));
  });

  it("does not take an option that another server adds", () => {
    expect(faultOf(["--archive-root", "data"])).toContain("--archive-root");
  });

  it.each<[args: string[], says: string[]]>([
    [
      ["--port", "65536"],
      ["--port", '"65536"'],
    ],
    [
      ["--port", "http"],
      ["--port", '"http"'],
    ],
    [
      ["--port", "1.5"],
      ["--port", '"1.5"'],
    ],
    [
      ["--port", "0x10"],
      ["--port", '"0x10"'],
    ],
    [
      ["--port", ""],
      ["--port", '""'],
    ],
    [["--port=-1"], ["--port", '"-1"']],
    [["--port", "-1"], ["--port"]],
    [["--port"], ["--port"]],
    [
      ["--host", ""],
      ["--host", '""'],
    ],
    [
      ["--allow-host", "http://a.example:8080"],
      ["--allow-host", '"http://a.example:8080"'],
    ],
    [
      ["--store", "postgres"],
      ["--store", '"postgres"'],
    ],
    [
      ["--store", "sqlite:"],
      ["--store", '"sqlite:"'],
    ],
    [
      ["--store", "postgres://me:secret@h:x/db"],
      ["--store", '"postgres://…"'],
    ],
    [
      ["--engine", "redis://:secret@h:x"],
      ["--engine", '"redis://…"'],
    ],
    [
      ["--engine", "bullmq"],
      ["--engine", '"bullmq"'],
    ],
    [
      ["--metrics", "localhost"],
      ["--metrics", '"localhost"'],
    ],
    [
      ["--metrics", "65536"],
      ["--metrics", '"65536"'],
    ],
    [
      ["--metrics", "::1:9464"],
      ["--metrics", '"::1:9464"'],
    ],
    [
      ["--log-format", "xml"],
      ["--log-format", '"xml"'],
    ],
    [
      ["--role", "leader"],
      ["--role", '"leader"'],
    ],
    [
      ["--processes", "0"],
      ["--processes", '"0"'],
    ],
    [
      ["--processes", "two"],
      ["--processes", '"two"'],
    ],
    [
      ["--concurrency", "0"],
      ["--concurrency", '"0"'],
    ],
    [
      ["--max-kept", "many"],
      ["--max-kept", '"many"'],
    ],
    [
      ["--lease", "999ms"],
      ["--lease", '"999ms"'],
    ],
    [
      ["--max-wait", "4"],
      ["--max-wait", '"4"'],
    ],
    [
      ["--max-wait", "4 m"],
      ["--max-wait", '"4 m"'],
    ],
    [["--grace", "-1s"], ["--grace"]],
    [["--grace=-1s"], ["--grace", '"-1s"']],
    [
      ["--grace", "1w"],
      ["--grace", '"1w"'],
    ],
    [
      ["--retention", "forever"],
      ["--retention", '"forever"'],
    ],
    [
      ["--retention", "1e3s"],
      ["--retention", '"1e3s"'],
    ],
    [
      ["--tls-key", "k"],
      ["--tls-key", "--tls-cert"],
    ],
    [
      ["--tls-cert", "c"],
      ["--tls-key", "--tls-cert"],
    ],
    [["--simulator=yes"], ["--simulator"]],
    [
      ["--error-domain", ""],
      ["--error-domain", '""'],
    ],
    [
      ["--host", "0.0.0.0"],
      ["--host", '"0.0.0.0"', "--jwt-issuer", "--insecure"],
    ],
    [
      ["--jwt-issuer", "i"],
      ["--jwt-issuer", "--jwt-audience", "--jwt-keys", "together"],
    ],
    [
      [...JWT, "--jwt-keys", "https://"],
      ["--jwt-keys", '"https://"'],
    ],
    [
      ["--tls-client-ca", "a"],
      ["--tls-client-ca", "--tls-cert"],
    ],
    [
      [...JWT, "--jwt-keys", "k", "--policy", "nobody"],
      ["--policy", '"nobody"'],
    ],
    [
      ["--policy", "any"],
      ["--policy", "--jwt-issuer"],
    ],
    [["--closed"], ["--closed", "--jwt-issuer"]],
    [["--nonsense"], ["--nonsense"]],
    [["-x"], ["-x"]],
    [["nonsense"], ["nonsense"]],
  ])("of %j is refused by name and value", (args, says) => {
    const fault = faultOf(args);
    expect(says.filter((word) => !fault.includes(word))).toEqual([]);
  });

  it("of a wrong port in the environment is refused by the variable's name", () => {
    expect(faultOf([], { PORT: "nonsense" })).toBe('PORT "nonsense" is not a port from 0 to 65535');
  });

  it.each([["--port", "-1"], ["--port"], ["--nonsense"], ["nonsense"]])(
    "is refused in one line (%s %s)",
    (...args) => {
      expect(faultOf(args)).not.toContain("\n");
    },
  );

  it("leaves the arguments alone", () => {
    const args = Object.freeze(["--port", "1"]);
    expect(read(args)).toMatchObject({ port: 1 });
  });
});

describe("a limit", () => {
  it.each([
    ["--max-connections", "maxConnections"],
    ["--max-waits", "maxWaits"],
    ["--max-waits-each", "maxWaitsPerPrincipal"],
    ["--max-running", "maxRunning"],
    ["--max-running-each", "maxRunningPerPrincipal"],
    ["--max-rate", "maxCallsPerSecond"],
    ["--max-rate-each", "maxCallsPerSecondPerPrincipal"],
  ])("is what %s says", (flag, limit) => {
    expect(read([flag, "9"]).limits).toMatchObject({ [limit]: 9 });
  });

  it("of time is a duration", () => {
    expect(read(["--idle-timeout", "90s"]).limits).toMatchObject({ idleTimeoutMs: 90_000 });
  });

  it.each(["0s", "90", "soon"])("of time that is %j is refused, by its flag", (value) => {
    expect(faultOf(["--idle-timeout", value])).toContain(`--idle-timeout "${value}"`);
  });

  it.each(["0", "-1", "many", ""])("of %j is refused, by its flag", (value) => {
    expect(faultOf([`--max-waits=${value}`])).toContain(`--max-waits "${value}"`);
  });
});

describe("--help", () => {
  it("is answered whatever else is said", () => {
    expect(readConfig(["--nonsense", "--help"], {})).toBe("help");
  });

  it.each([
    "host",
    "port",
    "store",
    "lease",
    "max-kept",
    "max-connections",
    "idle-timeout",
    "max-waits",
    "max-waits-each",
    "max-running",
    "max-running-each",
    "max-rate",
    "max-rate-each",
    "role",
    "concurrency",
    "processes",
    "max-wait",
    "grace",
    "retention",
    "cors-origin",
    "tls-key",
    "tls-cert",
    "simulator",
    "error-domain",
    "no-reflection",
    "engine",
    "no-rest",
    "no-watch",
    "no-direct",
    "metrics",
    "telemetry",
    "log-format",
    "no-console",
    "jwt-issuer",
    "jwt-audience",
    "jwt-keys",
    "jwt-scope",
    "tls-client-ca",
    "policy",
    "closed",
    "insecure",
    "help",
  ])("tells of --%s", (flag) => {
    expect(usage([])).toContain(`  --${flag}`);
  });

  it("tells of an option that the server adds", () => {
    expect(usage([ARCHIVE])).toMatch(/--archive-root DIR +what it is for\n/);
  });

  it("fits into a terminal", () => {
    expect(
      Math.max(
        ...usage([ARCHIVE])
          .split("\n")
          .map(({ length }) => length),
      ),
    ).toBeLessThanOrEqual(100);
  });
});

function read(args: readonly string[] = [], env: Record<string, string> = {}): Config {
  const config = readConfig(args, env);
  if (config === "help") throw new Error("help was not asked for");
  return config;
}

/** What the person is told who said this. */
function faultOf(args: readonly string[], env: Record<string, string> = {}): string {
  try {
    read(args, env);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`${args.join(" ")} is understood`);
}
