const NANOS_PER_SECOND = 1_000_000_000n;
/** How many nanoseconds a millisecond has. */
export const NANOS_PER_MS = 1_000_000n;

/** A google.protobuf.Timestamp or Duration in nanoseconds. */
export function nanosOf({ seconds, nanos }: { readonly seconds: bigint; readonly nanos: number }): bigint {
  return seconds * NANOS_PER_SECOND + BigInt(nanos);
}

/** Milliseconds in nanoseconds. */
export function nanosOfMs(ms: number): bigint {
  return BigInt(Math.round(ms)) * NANOS_PER_MS;
}
