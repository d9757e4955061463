import type { Protocol } from "./protocol.ts";
import type { Level, Source } from "./source.ts";

/** What a check came to, over one protocol. */
export type CheckResult = CheckedCheck & (Passed | Failed | Skipped);

/** What was asked. */
export interface CheckedCheck {
  /** `topic/what-is-so`. */
  readonly id: string;
  /** What is so, where the check passes. */
  readonly sentence: string;
  readonly level: Level;
  /** Where it is written. */
  readonly source: Source;
  readonly protocol: Protocol;
}

export interface Passed {
  readonly outcome: "passed";
}

export interface Failed {
  readonly outcome: "failed";
  readonly saw: string;
  readonly expected: string;
}

/** It cannot be asked of this server, or not over this protocol. */
export interface Skipped {
  readonly outcome: "not applicable";
  readonly reason: string;
}

/** What a run came to. */
export interface ConformanceReport {
  /** What was asked: the address, or the protocol of a transport. */
  readonly target: string;
  readonly protocols: readonly Protocol[];
  readonly results: readonly CheckResult[];
  /** How many calls were made. */
  readonly calls: number;
  /** Whether no check failed that a server must pass. */
  readonly conforms: boolean;
}
