import { Code, ConnectError, type Interceptor, type Transport } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import type { Credentials } from "./credentials.ts";

/** A server that does not answer for so long is away. Streams have no such limit. */
const PATIENCE_MS = 20_000;

/** Calls the server whose page this is. Its messages are binary: JSON could not hold an Any of an unknown type. */
export function createTransport(base: URL, credentials: Credentials): Transport {
  return createConnectTransport({
    baseUrl: base.href.replace(/\/$/, ""),
    useBinaryFormat: true,
    defaultTimeoutMs: PATIENCE_MS,
    interceptors: [bearing(credentials)],
  });
}

function bearing(credentials: Credentials): Interceptor {
  return (next) => async (request) => {
    const { token } = credentials.state();
    if (token !== "") request.header.set("authorization", `Bearer ${token}`);
    try {
      return await next(request);
    } catch (error) {
      const refused = ConnectError.from(error);
      if (refused.code === Code.Unauthenticated) credentials.refuse(token, refused.rawMessage);
      throw error;
    }
  };
}
