import type { ConnectError } from "@connectrpc/connect";
import type { errorToJson } from "@connectrpc/connect/protocol-connect";

/** An error as Connect's protocol writes it. */
export type ErrorJson = ReturnType<typeof errorToJson>;

/** What a server adds to its errors before they are sent. */
export interface ErrorCompletion {
  /** To gRPC's trailers of an error, in place. */
  inTrailer(trailer: Headers, error: ConnectError): void;
  /** To Connect's JSON. Answers another. */
  inJson(error: ErrorJson): ErrorJson;
}
