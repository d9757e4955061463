/** The longest timer of JavaScript, in milliseconds, less what is no whole second. */
const LONGEST_TIMER_MS = Math.floor((2 ** 31 - 1) / 1_000) * 1_000;

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/**
 * The time that a caller gives a call, in milliseconds, as `grpc-timeout` or `connect-timeout-ms` says it; undefined
 * where that is no such time, or longer than `mostMs` or than a timer can be.
 */
export function timeoutOf(header: string, isGrpc: boolean, mostMs: number): number | undefined {
  const timeoutMs = isGrpc ? ofGrpc(header) : ofConnect(header);
  return timeoutMs !== undefined && timeoutMs <= Math.min(mostMs, LONGEST_TIMER_MS) ? timeoutMs : undefined;
}

function ofGrpc(header: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? 0);
}

function ofConnect(header: string): number | undefined {
  return /^\d{1,10}$/.test(header) ? Number(header) : undefined;
}
