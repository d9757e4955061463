import type { CallOptions } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { samePageAgain } from "./errors.ts";
import type { OperationsClient } from "./operations-client.ts";
import { type RetryOptions, retried } from "./retry.ts";

/** Which operations to list. */
export interface ListOperationsQuery {
  /** The parent, or its collection: "", `operations`, `{parent}` or `{parent}/operations`. */
  readonly name?: string;
  /** An AIP-160 filter; without one, all. */
  readonly filter?: string;
  /** How many operations a page holds at most; the server decides where it is 0 or not given. */
  readonly pageSize?: number;
  /** Whether to answer what can be reached where not all can be (AIP-217). */
  readonly returnPartialSuccess?: boolean;
}

/** How to list. `timeoutMs` is for each page. */
export interface ListOptions extends CallOptions {
  /** Hears which resources a page could not reach (AIP-217), so that nobody takes a partial list for a whole one. */
  onUnreachable?(names: readonly string[]): void;
}

/**
 * Lists operations, page by page, each page when its first operation is asked for.
 *
 * Throws what the server answers, and INTERNAL where a page's token leads to the same page again.
 */
export async function* listOperations(
  client: OperationsClient,
  query: ListOperationsQuery = {},
  options: ListOptions & RetryOptions = {},
): AsyncGenerator<Operation, void, undefined> {
  const { onUnreachable, ...call } = options;
  let pageToken = "";
  do {
    const page = await retried(
      (attempt) => client.listOperations({ ...query, pageToken }, attempt),
      call,
      options,
    );
    if (page.unreachable?.length) onUnreachable?.(page.unreachable);
    yield* page.operations;
    if (pageToken !== "" && page.nextPageToken === pageToken) throw samePageAgain(pageToken);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
