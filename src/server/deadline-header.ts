import { connectTimeoutMs, grpcTimeoutMs, LONGEST_TIMEOUT_S } from "../direct/deadline.ts";

/**
 * Shortens a deadline that is too far away for a timer: Connect would set one that rings at once. What is not
 * a deadline stays, for Connect to refuse.
 */
export function shortenDeadline(header: Headers): void {
  const longestMs = LONGEST_TIMEOUT_S * 1_000;
  if ((connectTimeoutMs(header.get("connect-timeout-ms") ?? "") ?? 0) > longestMs) {
    header.set("connect-timeout-ms", String(longestMs));
  }
  if ((grpcTimeoutMs(header.get("grpc-timeout") ?? "") ?? 0) > longestMs) {
    header.set("grpc-timeout", `${LONGEST_TIMEOUT_S}S`);
  }
}
