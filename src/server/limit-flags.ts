/** The flags of what a server takes at most. */
export const LIMIT_FLAGS = {
  "max-connections": { type: "string" },
  "idle-timeout": { type: "string" },
  "max-waits": { type: "string" },
  "max-waits-each": { type: "string" },
  "max-running": { type: "string" },
  "max-running-each": { type: "string" },
  "max-rate": { type: "string" },
  "max-rate-each": { type: "string" },
} as const;

/** What `--help` says of them. */
export const LIMIT_USAGE = `  --max-connections NUMBER  connections at once (10000)
  --idle-timeout DURATION   how long a connection of HTTP/2 may have no call (5m)
  --max-waits NUMBER        calls of WaitOperation that wait at once (100000)
  --max-waits-each NUMBER   the same of one principal (any number)
  --max-running NUMBER      operations started here that run or wait at once (any number)
  --max-running-each NUMBER the same of one principal (any number)
  --max-rate NUMBER         calls a second, health checks aside (any number)
  --max-rate-each NUMBER    the same of one principal (any number)
`;

/** What a server takes at most, as its flags say. Undefined: as much as it does by default. */
export interface Limits {
  readonly maxConnections: number | undefined;
  readonly idleTimeoutMs: number | undefined;
  readonly maxWaits: number | undefined;
  readonly maxWaitsPerPrincipal: number | undefined;
  readonly maxRunning: number | undefined;
  readonly maxRunningPerPrincipal: number | undefined;
  readonly maxCallsPerSecond: number | undefined;
  readonly maxCallsPerSecondPerPrincipal: number | undefined;
}

type ReadFlag = (flag: keyof typeof LIMIT_FLAGS) => number | undefined;

/** Reads the flags. `most` reads the number of one of them, and `durationMs` a duration. */
export function readLimits(most: ReadFlag, durationMs: ReadFlag): Limits {
  return {
    maxConnections: most("max-connections"),
    idleTimeoutMs: durationMs("idle-timeout"),
    maxWaits: most("max-waits"),
    maxWaitsPerPrincipal: most("max-waits-each"),
    maxRunning: most("max-running"),
    maxRunningPerPrincipal: most("max-running-each"),
    maxCallsPerSecond: most("max-rate"),
    maxCallsPerSecondPerPrincipal: most("max-rate-each"),
  };
}
