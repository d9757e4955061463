import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Which core the server has to itself, and which the generator of its load. */
export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

/** Two cores of those that this process may use; none where there is no second, or no taskset. */
export function findCores(): Cores {
  const allowed = allowedCores();
  const canPin = spawnSync("taskset", ["--version"]).status === 0;
  if (!canPin || allowed.length < 2) return { server: undefined, load: undefined };
  return { server: allowed.at(-1), load: allowed.at(-2) };
}

/** As Linux lists them: `0-3,8`. */
function allowedCores(): number[] {
  const [, list = ""] = /^Cpus_allowed_list:\s*(\S+)/m.exec(ownStatus()) ?? [];
  return list.split(",").flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
}

function ownStatus(): string {
  try {
    return readFileSync("/proc/self/status", "utf8");
  } catch {
    return "";
  }
}
