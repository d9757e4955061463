import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../postgres/free-port.ts";

/** A Prometheus of a test's own, on loopback. */
export interface PrometheusServer extends AsyncDisposable {
  /** The answer to a query, as it is now. */
  query(expr: string): Promise<readonly { readonly metric: object; readonly value: number }[]>;
  /** The names of the alerts that fire now for a job. */
  firing(job: string): Promise<readonly string[]>;
  /** How the rules are, by the names of their alerts: "ok" where they can be evaluated. */
  rules(): Promise<Readonly<Record<string, string>>>;
}

interface Alert {
  readonly state: string;
  readonly labels: { readonly alertname: string; readonly job: string };
}

/** Runs Prometheus, which looks every second at the targets of these jobs, and at these rules. */
export async function startPrometheus(
  jobs: Readonly<Record<string, readonly string[]>>,
  rules: string,
): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-prometheus-"));
  const port = await freePort();
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
    rule_files: [join(folder, "alerts.yml")],
    scrape_configs: Object.entries(jobs).map(([job_name, targets]) => ({
      job_name,
      static_configs: [{ targets }],
    })),
  };
  await writeFile(join(folder, "alerts.yml"), rules);
  // What is JSON, is YAML.
  await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
  const flags = [
    `--config.file=${join(folder, "prometheus.yml")}`,
    `--storage.tsdb.path=${join(folder, "data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=error",
  ];
  const child = spawn("prometheus", flags, { stdio: ["ignore", "inherit", "inherit"] });
  const ended = once(child, "close");
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
    const answer = await response.json();
    if (answer.status !== "success") throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  while (!(await isReady(port))) {
    if (child.exitCode !== null) throw new Error(`prometheus has ended with ${child.exitCode}`);
    await sleep(100);
  }
  return {
    async query(expr) {
      const { result } = await ask(`query?query=${encodeURIComponent(expr)}`);
      return result.map(({ metric, value }: { metric: object; value: [number, string] }) => ({
        metric,
        value: Number(value[1]),
      }));
    },
    async firing(job) {
      const { alerts }: { alerts: readonly Alert[] } = await ask("alerts");
      const firing = alerts.filter(({ state, labels }) => state === "firing" && labels.job === job);
      return firing.map(({ labels }) => labels.alertname);
    },
    async rules() {
      const { groups } = await ask("rules");
      return Object.fromEntries(
        groups.flatMap((group: { rules: { name: string; health: string }[] }) =>
          group.rules.map(({ name, health }) => [name, health]),
        ),
      );
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/-/ready`)).ok;
  } catch {
    return false;
  }
}
