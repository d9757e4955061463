import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { createRegistry } from "@bufbuild/protobuf";
import type { ConnectRouter } from "@connectrpc/connect";
import { compressionGzip, connectNodeAdapter } from "@connectrpc/connect-node";
import { createOperations } from "../../src/server/create-operations.ts";
import type { TlsOptions } from "../../src/server/listener.ts";
import { serve } from "../../src/server/serve.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { conformanceService } from "./conformance-service.ts";
import { HTTPVersion } from "./gen/connectrpc/conformance/v1/config_pb.ts";
import type { ServerCompatRequest } from "./gen/connectrpc/conformance/v1/server_compat_pb.ts";
import {
  ConformanceService,
  file_connectrpc_conformance_v1_service,
} from "./gen/connectrpc/conformance/v1/service_pb.ts";

/** Serves the runner's service as a configuration asks for. */
export type OpenServer = (
  request: ServerCompatRequest,
) => Promise<AsyncDisposable & { readonly port: number }>;

const routes = (router: ConnectRouter) => router.service(ConformanceService, conformanceService);

/** What this package serves with. One port speaks both HTTPs, so what is asked for of them makes no difference. */
export const openServe: OpenServer = (request) => openOwn(request, {});

/** The same, with every call by Connect's own handlers. */
export const openNoDirect: OpenServer = (request) => openOwn(request, { direct: false });

/** The same, with the errors of handlers and of Connect as they are made: without an ErrorInfo (AIP-193). */
export const openBareErrors: OpenServer = (request) => openOwn(request, { completeErrors: false });

interface Own {
  readonly completeErrors?: boolean;
  readonly direct?: boolean;
}

function openOwn(request: ServerCompatRequest, { completeErrors = true, direct = true }: Own) {
  return serve({
    operations: createOperations({ store: new MemoryStore(), completeErrors }),
    routes,
    direct,
    port: 0,
    readMaxBytes: request.messageReceiveLimit,
    tls: tlsOf(request),
    // The runner stops a server when all is answered.
    graceMs: 0,
  });
}

/** Connect's own adapter on Node's own servers. */
export const openConnectNode: OpenServer = async (request) => {
  const handler = connectNodeAdapter({
    routes,
    acceptCompression: [compressionGzip],
    readMaxBytes: request.messageReceiveLimit,
    jsonOptions: { registry: createRegistry(file_connectrpc_conformance_v1_service) },
  });
  const server = nodeServer(request, handler);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    // Its connections do not end by themselves.
    [Symbol.asyncDispose]: async () => process.exit(),
  };
};

function nodeServer(request: ServerCompatRequest, handler: ReturnType<typeof connectNodeAdapter>) {
  const isHttp1 = request.httpVersion === HTTPVersion.HTTP_VERSION_1;
  const { clientCa, ...tls } = tlsOf(request) ?? {};
  if (request.serverCreds === undefined)
    return isHttp1 ? createHttpServer(handler) : createHttp2Server(handler);
  const mutual = clientCa === undefined ? tls : { ...tls, ca: clientCa, requestCert: true };
  return isHttp1 ? createHttpsServer(mutual, handler) : createSecureServer(mutual, handler);
}

function tlsOf({ serverCreds, clientTlsCert }: ServerCompatRequest): TlsOptions | undefined {
  if (serverCreds === undefined) return undefined;
  const own = { key: Buffer.from(serverCreds.key), cert: Buffer.from(serverCreds.cert) };
  return clientTlsCert.byteLength === 0 ? own : { ...own, clientCa: Buffer.from(clientTlsCert) };
}
