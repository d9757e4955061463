import type { ConnectError } from "@connectrpc/connect";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

/** The header's name (RFC 9110, section 10.2.3). */
const RETRY_AFTER = "retry-after";

const NANOS = 1_000_000_000;

/** Says in a header what the error's google.rpc.RetryInfo says: many HTTP clients know no other. Whole seconds, rounded up. */
export function sayRetryAfter(error: ConnectError, header: Headers): void {
  const { retryDelay } = error.findDetails(RetryInfoSchema)[0] ?? {};
  if (retryDelay === undefined || header.has(RETRY_AFTER)) return;
  const seconds = Math.ceil(Number(retryDelay.seconds) + retryDelay.nanos / NANOS);
  if (seconds >= 0) header.set(RETRY_AFTER, String(seconds));
}
