import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const sources = fileURLToPath(new URL(".", import.meta.url));

/** Where the clients are installed: kept between runs, and no part of the sources. */
export const installed = fileURLToPath(
  new URL("../../node_modules/.cache/longrunning-every-client", import.meta.url),
);

const execute = promisify(execFile);

/** Runs a command to its end and answers what it printed. Rejects where it failed, with what it said. */
export async function run(file: string, args: readonly string[], cwd = sources): Promise<string> {
  const env = { ...process.env, GOFLAGS: "-mod=readonly", GOWORK: "off" };
  return (await execute(file, [...args], { cwd, env })).stdout.trim();
}
