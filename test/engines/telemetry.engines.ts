import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, runSource } from "../examples/source-process.ts";
import { urlIn } from "../telemetry/server-process.ts";
import { until } from "../until.ts";
import { type PrometheusServer, startPrometheus } from "./prometheus-server.ts";
import { openSickProcess, type SickProcess } from "./sick-process.ts";

const run = promisify(execFile);
const ALERTS = join(root, "telemetry/alerts.yml");

/** The job of servers under a load. */
const JOB = "longrunning";
/** That of a process in which everything is wrong that is not their calls, their operations or their end. */
const SICK_JOB = "longrunning-sick";

/** How long a state may take to go through scrapes, windows and rules. */
const PATIENCE_MS = 60_000;

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  await readFile(join(root, "telemetry/dashboard.json"), "utf8"),
);
const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
);

let load: Awaited<ReturnType<typeof startLoad>>;
let sick: SickProcess;
let prometheus: PrometheusServer;

beforeAll(async () => {
  load = await startLoad();
  sick = await openSickProcess();
  const jobs = { [JOB]: load.targets, [SICK_JOB]: [sick.target] };
  prometheus = await startPrometheus(jobs, inSeconds(await readFile(ALERTS, "utf8")));
});

afterAll(async () => {
  await prometheus?.[Symbol.asyncDispose]();
  await sick?.[Symbol.asyncDispose]();
  await load?.[Symbol.asyncDispose]();
});

/** The rules with minutes made seconds, so that a test need not wait for minutes. */
function inSeconds(rules: string): string {
  return rules.replace(/\[\d+m\]/g, "[10s]").replace(/for: \d+m/g, "for: 1s");
}

/**
 * A small load: calls, waits, work that reports, work that fails, calls that the server does not implement; and a
 * server whose work waits, because nobody is there to run it. Ends with what the last of them was answered.
 */
async function startLoad() {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-telemetry-"));
  await mkdir(join(folder, "archive"));
  await writeFile(join(folder, "archive/hello"), "hello");
  const flags = ["--port", "0", "--metrics", "0", "--store", "memory"];
  const server = runSource("examples/reference-server.ts", [...flags, "--simulator"]);
  const idle = runSource("examples/reference-server.ts", [
    ...[...flags, "--role", "server", "--archive-root", join(folder, "archive")],
  ]);
  const targets = [server, idle].map(
    async (process) => new URL(urlIn(await process.line(/^metrics on/))).host,
  );
  const [url, idleUrl] = await Promise.all(
    [server, idle].map(async (process) => urlIn(await process.line(/^listening on/))),
  );
  const call = async (to: string | undefined, path: string, body?: object) => {
    const init = body && {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    return (await fetch(`${to}/v1/${path}`, init)).json();
  };
  for (let i = 0; i < 12; i++) await call(idleUrl, "files:compress", { path: "hello" });
  let isOver = false;
  const round = async () => {
    const { name } = await call(url, "simulator:simulateWork", { duration: "0.1s", steps: 2 });
    await call(url, `${name}:wait`, {});
    await call(url, name);
    await call(url, "operations?returnPartialSuccess=true");
    await call(url, "simulator:simulateWork", { error: { code: 13, message: "no" } });
  };
  const rounds = (async () => {
    while (!isOver) {
      await round();
      await sleep(50);
    }
  })();
  return {
    targets: await Promise.all(targets),
    idle,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await rounds;
      await server[Symbol.asyncDispose]();
      await idle[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What Grafana makes of a query before it sends it. */
function asked(expr: string): string {
  return expr.replaceAll("$__rate_interval", "10s").replaceAll("$job", JOB);
}

describe("the dashboard", () => {
  it.each(queries)("has data for %s: %s", async (_, expr) => {
    let values: readonly number[] = [];
    await until(async () => {
      values = (await prometheus.query(asked(expr))).map(({ value }) => value);
      return values.some((value) => !Number.isNaN(value));
    }, PATIENCE_MS);
    expect(values.length).toBeGreaterThan(0);
  });

  it("knows the method, the type and the state of what it shows", async () => {
    const started = 'longrunning_operation_duration_seconds_count{longrunning_operation_state="failed"}';
    const [sample] = await prometheus.query(started);
    expect(sample?.metric).toMatchObject({
      job: "longrunning",
      longrunning_operation_type: "longrunning.testing.v1.SimulateWorkMetadata",
    });
  });
});

describe("the alerts", () => {
  it("are rules that promtool knows", async () => {
    const { stdout } = await run("promtool", ["check", "rules", ALERTS]);
    expect(stdout).toContain("SUCCESS: 10 rules found");
  });

  it("fire each when they must, and only then", async () => {
    const { stdout } = await run("promtool", ["test", "rules", join(root, "telemetry/alerts.test.yml")]);
    expect(stdout).toContain("SUCCESS");
  });

  it("can be evaluated by a Prometheus that has loaded them", async () => {
    await until(async () => !Object.values(await prometheus.rules()).includes("unknown"), PATIENCE_MS);
    expect(Object.values(await prometheus.rules())).toEqual(Array(10).fill("ok"));
  });

  it.each(["LongrunningCallsFail", "LongrunningOperationsFail", "LongrunningWorkWaits"])(
    "%s fires where that is so",
    async (name) => {
      await until(async () => (await prometheus.firing(JOB)).includes(name), PATIENCE_MS);
      expect(await prometheus.firing(JOB)).toContain(name);
    },
  );

  it.each([
    "LongrunningCallsSlow",
    "LongrunningWakesLate",
    "LongrunningLeaseLost",
    "LongrunningStoreFails",
    "LongrunningStoreSlow",
    "LongrunningSweepBehind",
  ])("%s fires where that is so", async (name) => {
    await until(async () => (await prometheus.firing(SICK_JOB)).includes(name), PATIENCE_MS);
    expect(await prometheus.firing(SICK_JOB)).toContain(name);
  });

  it.each(["LongrunningStoreFails", "LongrunningLeaseLost", "LongrunningSweepBehind", "LongrunningDown"])(
    "%s does not fire where it is not",
    async (name) => {
      expect(await prometheus.firing(JOB)).not.toContain(name);
    },
  );

  it("LongrunningDown fires when a server is gone", async () => {
    await load.idle[Symbol.asyncDispose]();
    await until(async () => (await prometheus.firing(JOB)).includes("LongrunningDown"), PATIENCE_MS);
    expect(await prometheus.firing(JOB)).toContain("LongrunningDown");
  });
});
