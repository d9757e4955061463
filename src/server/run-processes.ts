import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import type { OperationStore } from "../store/operation-store.ts";
import { shareStore } from "../store/remote/store-owner.ts";
import type { Clock } from "../time/clock.ts";
import { channelTo } from "./process-channel.ts";

/** What a process tells the one that has started it: that it serves, and where; undefined where it does not listen. */
export interface ReadyMessage {
  readonly ready: { readonly url: string | undefined };
}

/** What it is told: to stop as a server does. */
export const STOP_MESSAGE = { stop: true } as const;

/** The environment tells a process which of them it is: whoever takes the place of another has its number. */
const PROCESS_INDEX = "LONGRUNNING_PROCESS";

/** Which of the processes of its server this one is, from 0 on. */
export function processIndex(): number {
  return Number(process.env[PROCESS_INDEX] ?? 0);
}

/** A process that has died is replaced after so long, in milliseconds: one that dies at once does not take the machine. */
const REPLACE_MS = 1_000;

/** How several processes are run. */
export interface ProcessesOptions {
  readonly count: number;
  /** What they share, where they cannot each open it themselves. Its leases of a process end with the process. */
  readonly store: OperationStore | undefined;
  readonly clock: Clock;
  /** How long a process that is to stop may take to end, in milliseconds. Then it is killed. */
  readonly patienceMs: number;
  /** Resolves when they are to stop. */
  readonly stopped: Promise<void>;
  /** All of them serve. */
  onReady(url: string | undefined): void;
  /** One has died, and another takes its place. */
  onDeath(what: string): void;
}

/**
 * Runs this program again in `count` processes, which share its port, until `stopped`; replaces those that die. Resolves
 * when all have ended: with 0, or with the exit code of one that ended before it served.
 */
export async function runProcesses(options: ProcessesOptions): Promise<number> {
  // Operations hold bytes, which Node's messages in JSON would make objects of.
  cluster.setupPrimary({ serialization: "advanced" });
  const running = new Set<Worker>();
  const failed = Promise.withResolvers<number>();
  let ready = 0;
  let isStopping = false;
  const start = (index: number) => {
    const worker = cluster.fork({ [PROCESS_INDEX]: String(index) });
    running.add(worker);
    let hasServed = false;
    if (options.store !== undefined) shareStore(options.store, channelTo(worker));
    worker.on("message", (message: unknown) => {
      if (!isReady(message) || hasServed) return;
      hasServed = true;
      ready++;
      if (ready === options.count) options.onReady(message.ready.url);
    });
    worker.once("exit", (code: number | null, signal: string | null) => {
      running.delete(worker);
      if (isStopping) return;
      if (!hasServed && ready < options.count) {
        failed.resolve(code ?? 1);
        return;
      }
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      options.onDeath(`process ${worker.process.pid} has ended ${how}; another takes its place`);
      options.clock.after(REPLACE_MS, () => isStopping || start(index));
    });
  };
  for (let i = 0; i < options.count; i++) start(i);
  const code = await Promise.race([failed.promise, options.stopped.then(() => 0)]);
  isStopping = true;
  const ended = [...running].map((worker) => once(worker, "exit"));
  for (const worker of running) worker.send(STOP_MESSAGE, () => {});
  const callOff = options.clock.after(options.patienceMs, () => {
    for (const worker of running) worker.process.kill("SIGKILL");
  });
  await Promise.all(ended);
  callOff();
  return code;
}

function isReady(message: unknown): message is ReadyMessage {
  return typeof message === "object" && message !== null && "ready" in message;
}
