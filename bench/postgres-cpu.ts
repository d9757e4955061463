import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PostgresServer } from "../test/postgres/postgres-server.ts";

/** Linux counts the time of processes in hundredths of a second. */
const TICK_MS = 10;

/** The processor time that a PostgreSQL on this machine has used with all its processes, in milliseconds. Linux only. */
export function postgresCpuMs(server: PostgresServer): number {
  const [first = ""] = readFileSync(join(server.data, "postmaster.pid"), "utf8").split("\n");
  const main = ticksOf(first);
  // What has ended counts for the process that started it.
  let ticks = main.own + main.ended;
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const { parent, own } = ticksOf(pid);
    if (parent === first) ticks += own;
  }
  return ticks * TICK_MS;
}

function ticksOf(pid: string): { readonly parent: string; readonly own: number; readonly ended: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number);
    return {
      parent: fields[1] ?? "",
      own: (user ?? 0) + (system ?? 0),
      ended: (endedUser ?? 0) + (endedSystem ?? 0),
    };
  } catch {
    // It has ended meanwhile.
    return { parent: "", own: 0, ended: 0 };
  }
}
