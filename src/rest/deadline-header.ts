import { invalidHeader } from "./refusal.ts";

/** The longest timer of JavaScript. */
const LONGEST_MS = 2 ** 31 - 1;

const GRPC_UNIT_MS: Readonly<Record<string, number>> = {
  ...{ H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 },
};

/**
 * The caller's patience in milliseconds, as the headers of Connect, of Google's REST clients (X-Server-Timeout,
 * in seconds) or of gRPC say it, and never beyond what a timer takes. Undefined where none does. Refuses a value
 * that is no time.
 */
export function timeoutMsOf(header: Headers): number | undefined {
  const ms =
    read(header, "connect-timeout-ms", /^(\d{1,10})$/) ??
    read(header, "x-server-timeout", /^(\d{1,10}(?:\.\d{1,9})?)$/, () => 1_000) ??
    read(header, "grpc-timeout", /^(\d{1,8})([HMSmun])$/, (unit) => GRPC_UNIT_MS[unit] ?? 1);
  return ms === undefined ? undefined : Math.min(Math.round(ms), LONGEST_MS);
}

function read(
  header: Headers,
  name: string,
  form: RegExp,
  unitMs: (unit: string) => number = () => 1,
): number | undefined {
  const value = header.get(name);
  if (value === null) return undefined;
  const [, amount, unit = ""] = form.exec(value) ?? [];
  if (amount === undefined) throw invalidHeader(name, value, "is no timeout");
  return Number(amount) * unitMs(unit);
}
