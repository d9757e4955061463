import type { Answer } from "./answer.ts";
import type { Protocol } from "./protocol.ts";
import type { HttpAnswer } from "./rest/http-answer.ts";
import type { SeenOperation } from "./seen-operation.ts";

/** The RPCs that google.longrunning lets a server leave out. */
export type OptionalRpc = "list" | "delete" | "cancel" | "wait";

/** google.longrunning.Operations as a client calls it, over one protocol. No call throws. */
export interface OperationsCaller {
  readonly protocol: Protocol;
  get(name: string, options?: CallOptions): Promise<Answer<SeenOperation>>;
  wait(name: string, timeout?: WaitTimeout, options?: CallOptions): Promise<Answer<SeenOperation>>;
  cancel(name: string, options?: CallOptions): Promise<Answer<void>>;
  delete(name: string, options?: CallOptions): Promise<Answer<void>>;
  list(request: ListRequest, options?: CallOptions): Promise<Answer<Page>>;
  /** Sends a request as it is, by REST; undefined over other protocols. */
  readonly send?: ((request: RestRequest) => Promise<HttpAnswer>) | undefined;
}

export interface CallOptions {
  /** The deadline of the RPC, in milliseconds, for the server to know. */
  readonly deadlineMs?: number | undefined;
  /** Ends the call, as a client does that goes away. */
  readonly signal?: AbortSignal | undefined;
  /** Whether to leave out the headers that the user gave. */
  readonly anonymous?: boolean | undefined;
  /** Whether it is only to be seen if there is such a call: how it is refused says nothing of the server's errors. */
  readonly isProbe?: boolean | undefined;
}

/** A google.protobuf.Duration, which may be malformed. */
export interface WaitTimeout {
  readonly seconds: bigint;
  readonly nanos: number;
}

export interface ListRequest {
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
  readonly filter?: string | undefined;
  readonly returnPartialSuccess?: boolean | undefined;
}

export interface Page {
  readonly operations: readonly SeenOperation[];
  readonly nextPageToken: string;
}

export interface RestRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** What follows the version: `operations/x:cancel?a=b`. */
  readonly path: string;
  readonly body?: string | undefined;
}
