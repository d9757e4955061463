import type { WaitTimeout } from "../operations-caller.ts";

/** A duration as protobuf's JSON has it: `-1s`, `0.5s`. */
export function durationInJson({ seconds, nanos }: WaitTimeout): string {
  const sign = seconds < 0n || nanos < 0 ? "-" : "";
  const whole = seconds < 0n ? -seconds : seconds;
  const fraction = nanos === 0 ? "" : `.${String(Math.abs(nanos)).padStart(9, "0")}`;
  return `${sign}${whole}${fraction}s`;
}
