import type { Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-web";
import { anyInJson } from "longrunning/client";
import { SimulateWork } from "./simulate-work.ts";

/** A transport of connect-web, of each kind that goes with operations. */
export function transportTo(baseUrl: string, kind: string): Transport {
  switch (kind) {
    case "connect-binary":
      return createConnectTransport({ baseUrl, useBinaryFormat: true });
    case "connect-json":
      return createConnectTransport({ baseUrl, ...anyInJson([SimulateWork]) });
    case "grpc-web":
      return createGrpcWebTransport({ baseUrl });
    default:
      throw new TypeError(`"${kind}" is no transport`);
  }
}
