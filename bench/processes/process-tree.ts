import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** Processor time of a process and of those that it has started, in microseconds, as Linux counts it. */
export function cpuOfTree(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return cpuOf(pid) + children.reduce((sum, child) => sum + cpuOfTree(Number(child)), 0);
}

const TICK_US = 1_000_000 / Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));

function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The name of the program, in brackets, may have spaces of its own.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [fields[11], fields[12]];
  return (Number(user) + Number(system)) * TICK_US;
}
