import type { Sent } from "./call.ts";
import type { Comparing, Difference, OpenPair } from "./compare.ts";
import type { Setup } from "./stacks.ts";
import { type Changes, callBy, type Request, type Way } from "./ways.ts";

/** Calls that are to come to the same, told in a sentence. */
export interface Case {
  readonly name: string;
  /** How it is called by a way; undefined where that cannot be. */
  readonly by: (way: Way) => Sent | undefined;
  readonly comparing?: Comparing | undefined;
}

/** Cases of servers that have the same setup. */
export interface Topic {
  readonly name: string;
  readonly setup?: Setup;
  /** The pairs that can have this setup; both, by default. */
  readonly only?: "on Node's own servers" | "by serve";
  readonly cases: readonly Case[];
}

/** A case in which the probe is called by every way. */
export function asked(name: string, request: Request, changes: Changes = {}, comparing?: Comparing): Case {
  return { name, by: (way) => callBy(way, request, changes), comparing };
}

/** A case of what is written to a connection of HTTP/1, to the letter: "\n" ends lines. */
export function letter(name: string, methods: readonly string[], ...lines: readonly string[]): Case {
  const bytes = Buffer.from(lines.join("\n").replaceAll("\n", "\r\n"), "latin1");
  return {
    name,
    // Once, and not by every way.
    by: ({ name: way }) =>
      way === "application/json over HTTP/1.1" ? { http: "as written", steps: [bytes], methods } : undefined,
  };
}

/** Calls both servers as a case says, by each of the ways. Answers with what differs. */
export async function differencesOf(
  pair: OpenPair,
  { by, comparing }: Case,
  ways: readonly Way[],
): Promise<readonly Difference[]> {
  const differences: Difference[] = [];
  for (const way of ways) {
    const call = by(way);
    const difference = call && (await pair.difference(call, comparing));
    if (difference !== undefined) differences.push(difference);
  }
  return differences;
}
