import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Program } from "./client.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where clients keep what they install: kept between runs, and no part of the sources. */
export const cache = fileURLToPath(new URL("../../node_modules/.cache/longrunning-interop", import.meta.url));

const run = promisify(execFile);

/** Runs a command to its end and answers what it printed. Rejects, with all that it printed, where it failed. */
export async function runCommand({ file, args, cwd = root, env = {} }: Program): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await run(file, [...args], options)).stdout;
  } catch (error) {
    // execFile's own errors bring what was printed.
    const { message, stdout = "", stderr = "" } = error as Error & { stdout?: string; stderr?: string };
    throw new Error([message, stdout, stderr].join("\n"), { cause: error });
  }
}
