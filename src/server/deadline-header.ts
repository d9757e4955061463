/** The longest timer of JavaScript, in whole seconds: 24 days. */
const LONGEST_DEADLINE_S = Math.floor((2 ** 31 - 1) / 1_000);

const UNIT_S: Readonly<Record<string, number>> = { H: 3_600, M: 60, S: 1, m: 1e-3, u: 1e-6, n: 1e-9 };

/**
 * Shortens a deadline that is too far away for a timer: Connect would set one that rings at once. What is not
 * a deadline stays, for Connect to refuse.
 */
export function shortenDeadline(header: Headers): void {
  const [, ms] = /^(\d{1,10})$/.exec(header.get("connect-timeout-ms") ?? "") ?? [];
  if (ms !== undefined && Number(ms) > LONGEST_DEADLINE_S * 1_000) {
    header.set("connect-timeout-ms", String(LONGEST_DEADLINE_S * 1_000));
  }
  const [, amount, unit] = /^(\d{1,8})([HMSmun])$/.exec(header.get("grpc-timeout") ?? "") ?? [];
  if (amount !== undefined && Number(amount) * (UNIT_S[unit ?? ""] ?? 0) > LONGEST_DEADLINE_S) {
    header.set("grpc-timeout", `${LONGEST_DEADLINE_S}S`);
  }
}
