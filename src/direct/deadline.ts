/** The longest time that a timer of JavaScript takes, in whole seconds: 24 days. */
export const LONGEST_TIMEOUT_S = Math.floor((2 ** 31 - 1) / 1_000);

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1_000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The time that `grpc-timeout` gives a call, in milliseconds; undefined where it is none. */
export function grpcTimeoutMs(header: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,8})([HMSmun])$/.exec(header) ?? [];
  return amount === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? 0);
}

/** The time that `connect-timeout-ms` gives a call, in milliseconds; undefined where it is none. */
export function connectTimeoutMs(header: string): number | undefined {
  return /^\d{1,10}$/.test(header) ? Number(header) : undefined;
}
