import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import type { AddressInfo, Server } from "node:net";
import { type ConnectRouter, type ConnectRouterOptions, createConnectRouter } from "@connectrpc/connect";
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from "@connectrpc/connect-node";
import { createRestHandler, type RestHandler, type RestOptions } from "../../src/rest/rest-handler.ts";

export interface OpenRestServerOptions extends RestOptions {
  readonly routes: (router: ConnectRouter) => unknown;
  readonly connect?: ConnectRouterOptions | undefined;
}

/** A server of REST alone, which listens for HTTP/1.1 and, on another port, for HTTP/2. */
export interface OpenRestServer extends AsyncDisposable {
  readonly rest: RestHandler;
  readonly url: string;
  readonly port: number;
  readonly http2Url: string;
  /** What could not be answered. */
  readonly failures: readonly unknown[];
}

/** Opens a server of the services of `routes`. A path that is not of REST is answered with 421. */
export async function openRestServer(options: OpenRestServerOptions): Promise<OpenRestServer> {
  const failures: unknown[] = [];
  const router = createConnectRouter(options.connect);
  options.routes(router);
  const rest = createRestHandler(router.handlers, {
    onError: (message, cause) => failures.push(`${message}: ${cause}`),
    ...options,
  });
  const listener = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) => {
    answer(rest, request, response).catch((reason: unknown) => {
      failures.push(reason);
      response.statusCode = 500;
      response.end();
    });
  };
  const http1 = createServer(listener satisfies RequestListener);
  const http2 = createHttp2Server(listener);
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => sessions.add(session));
  const [port, http2Port] = [await listen(http1), await listen(http2)];
  return {
    rest,
    url: `http://127.0.0.1:${port}`,
    port,
    http2Url: `http://127.0.0.1:${http2Port}`,
    failures,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      http1.closeAllConnections();
      await Promise.all([http1, http2].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

async function answer(
  rest: RestHandler,
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
): Promise<void> {
  const handler = rest.find(request.method ?? "", request.url ?? "");
  if (handler === undefined) {
    response.statusCode = 421;
    response.end();
    return;
  }
  const universal = universalRequestFromNodeRequest(request, response, undefined, undefined);
  const body = request.iterator({ destroyOnReturn: false });
  await universalResponseToNodeResponse(await handler({ ...universal, body }), response);
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}
