import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ServeOptions } from "../../src/server/serve.ts";
import type { Usage } from "./attacked-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A server in a process of its own. It ends with its scope. */
export interface AttackedProcess extends AsyncDisposable {
  readonly port: number;
  /** How much it uses now. Rejects where the process has ended. */
  usage(): Promise<Usage>;
}

/** Opens a server that takes so much. */
export async function openAttacked(
  limits: Pick<ServeOptions, "maxHeldBytes" | "readMaxBytes" | "maxConnections"> = {},
): Promise<AttackedProcess> {
  const child = run("attacked-server.ts", [JSON.stringify(limits)]);
  const ended = once(child, "exit").then(([code, signal]) => {
    throw new Error(`the server ended with ${code ?? signal}`);
  });
  ended.catch(() => {});
  const said = async () => (await Promise.race([once(child, "message"), ended]))[0];
  const port: number = await said();
  return {
    port,
    async usage(): Promise<Usage> {
      child.send("usage");
      return said();
    },
    [Symbol.asyncDispose]: () => killed(child),
  };
}

/** Lets hostile clients loose on a port, in a process of their own, until their scope ends. */
export function attackedBy(port: number, names: readonly string[]): AsyncDisposable {
  const child = run("attacker.ts", [String(port), ...names]);
  return { [Symbol.asyncDispose]: () => killed(child) };
}

function run(file: string, args: readonly string[]): ChildProcess {
  const preload = join(root, "scripts/run-from-source.js");
  return fork(join(import.meta.dirname, file), args, { execArgv: ["--import", preload] });
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
