const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MS = 1_000_000n;

/** A google.protobuf.Timestamp or Duration in nanoseconds. */
export function nanosOf({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }): bigint {
  return seconds * NANOS_PER_SECOND + BigInt(nanos);
}

/** The last whole millisecond up to a time in nanoseconds, and the first one from it on. */
export function millisecondsAt(nanos: bigint): { readonly upTo: number; readonly from: number } {
  const rest = ((nanos % NANOS_PER_MS) + NANOS_PER_MS) % NANOS_PER_MS;
  const upTo = Number((nanos - rest) / NANOS_PER_MS);
  return { upTo, from: rest === 0n ? upTo : upTo + 1 };
}
