import { create } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { type FollowOptions, follow } from "./follow.ts";
import type { OperationsClient } from "./operations-client.ts";
import type { RetryOptions } from "./retry.ts";

/** The longest delay between two polls of a server that has no WaitOperation, as in cloud.google.com/go/longrunning. */
export const DEFAULT_WAIT_INTERVAL_MS = 60_000;

/** Shorter than the 60 s after which many proxies cut a call. */
const DEFAULT_LONG_POLL_MS = 50_000;

/** How to wait. `timeoutMs` bounds the whole wait, and `signal` ends it; the operation goes on in both cases. */
export interface WaitOptions extends CallOptions {
  /** How long each WaitOperation waits at most; 50 s by default, for proxies cut longer calls. */
  readonly longPollMs?: number | undefined;
  /** The longest delay between two polls of a server without WaitOperation; DEFAULT_WAIT_INTERVAL_MS by default. */
  readonly intervalMs?: number | undefined;
}

/** The options of a wait, as `follow` takes them. */
export function followOptions(options: WaitOptions, retry: RetryOptions): FollowOptions {
  const { longPollMs = DEFAULT_LONG_POLL_MS, intervalMs = DEFAULT_WAIT_INTERVAL_MS, ...call } = options;
  return { call, longPollMs, intervalMs, retry };
}

/**
 * Waits until an operation is done, and answers its message: at once where it is done already. It does not
 * throw because the work failed: that stands in the message.
 *
 * Throws a StoppedWaitingError where the caller's signal aborts or its `timeoutMs` runs out, and NOT_FOUND
 * where no such operation is kept, or no longer.
 */
export async function waitForOperation(
  client: OperationsClient,
  name: string,
  options: WaitOptions & RetryOptions = {},
): Promise<Operation> {
  let latest = create(OperationSchema, { name });
  for await (const operation of follow(client, name, followOptions(options, options))) latest = operation;
  return latest;
}
