import { readFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Interceptor, Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { UsageError } from "../server/usage-error.ts";
import { type BearerToken, isTokenRefused } from "./bearer-token.ts";
import type { Settings } from "./settings.ts";

/** A transport whose connections end with it. */
export interface OpenTransport extends Disposable {
  readonly transport: Transport;
}

/** So often a connection of HTTP/2 with a call on it is tried: one that is lost without a word is found. */
const PING_INTERVAL_MS = 30_000;

/** Opens the way to a server: gRPC over HTTP/2, Connect and gRPC-Web over HTTP/1.1. Throws a UsageError. */
export async function openTransport(
  settings: Settings,
  token: BearerToken | undefined,
): Promise<OpenTransport> {
  const { server, insecure, protocol } = settings;
  const url = new URL(server.value);
  if (token !== undefined && url.protocol === "http:" && !isLoopback(url.hostname) && !insecure.value) {
    throw new UsageError(
      `the token would go to ${server.value} in clear text; https://… keeps it secret, --insecure sends it`,
    );
  }
  const tls = url.protocol === "https:" ? await tlsOptions(settings) : {};
  const interceptors = token === undefined ? [] : [bearing(token)];
  const baseUrl = server.value;
  if (protocol.value === "grpc") {
    const pings = { pingIntervalMs: PING_INTERVAL_MS };
    const sessionManager = new Http2SessionManager(baseUrl, pings, tls);
    const transport = createGrpcTransport({ baseUrl, sessionManager, interceptors });
    return { transport, [Symbol.dispose]: () => endConnection(sessionManager) };
  }
  const isTls = url.protocol === "https:";
  const agent = isTls ? new HttpsAgent({ keepAlive: true, ...tls }) : new HttpAgent({ keepAlive: true });
  const options = {
    ...{ baseUrl, interceptors, useBinaryFormat: true, nodeOptions: { agent } },
    httpVersion: "1.1",
  } as const;
  const create = protocol.value === "connect" ? createConnectTransport : createGrpcWebTransport;
  return { transport: create(options), [Symbol.dispose]: () => agent.destroy() };
}

function endConnection(sessionManager: Http2SessionManager): void {
  // An open one keeps no process, and ends with it. To abort one that breaks just now, as where the server speaks
  // HTTP/1.1, takes its listener for errors away before its error is emitted, which then ends the process
  // (connect-node 2.2.0).
  if (sessionManager.state() === "connecting") sessionManager.abort();
}

/** Sends the token with each call. Of a call that is refused because of it, a new one is tried once. */
function bearing(token: BearerToken): Interceptor {
  return (next) => async (request) => {
    const used = await token.get();
    request.header.set("authorization", `Bearer ${used}`);
    try {
      const response = await next(request);
      return response.stream ? { ...response, message: renewing(response.message, token, used) } : response;
    } catch (error) {
      const renewed = isTokenRefused(error) ? await token.renewed(used) : undefined;
      // The messages of a stream can be sent once.
      if (request.stream || renewed === undefined) throw error;
      request.header.set("authorization", `Bearer ${renewed}`);
      return await next(request);
    }
  };
}

/** What a stream answers. Where it is refused because of the token, the next call has a new one. */
async function* renewing<Answer>(
  answers: AsyncIterable<Answer>,
  token: BearerToken,
  used: string,
): AsyncIterable<Answer> {
  try {
    yield* answers;
  } catch (error) {
    if (isTokenRefused(error)) await token.renewed(used);
    throw error;
  }
}

interface TlsOptions extends SecureContextOptions {
  readonly rejectUnauthorized: boolean;
}

async function tlsOptions({ ca, cert, key, insecure }: Settings): Promise<TlsOptions> {
  const read = async (name: string, file: Settings["ca"]) => {
    if (file === undefined) return undefined;
    try {
      return { [name]: await readFile(file.value) };
    } catch (error) {
      const why = error instanceof Error && "code" in error ? error.code : error;
      throw new UsageError(`${name} "${file.value}" of ${file.from} cannot be read: ${why}`);
    }
  };
  const files = { ...(await read("ca", ca)), ...(await read("cert", cert)), ...(await read("key", key)) };
  try {
    createSecureContext(files);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${Object.keys(files).join(", ")} cannot be used for TLS: ${why}`);
  }
  return { ...files, rejectUnauthorized: !insecure.value };
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
