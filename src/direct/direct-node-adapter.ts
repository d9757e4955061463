import { Code, ConnectError, createConnectRouter } from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  type ConnectNodeAdapterOptions,
  compressionBrotli,
  compressionGzip,
  connectNodeAdapter,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { systemClock } from "../time/clock.ts";
import { DirectCalls } from "./direct-calls.ts";
import { type Progress, withDeadline } from "./handed-over.ts";
import { MethodTable, notingRouter } from "./method-table.ts";
import { type AnswerRequest, askedBy, NodeCall, type NodeRequest, type NodeResponse } from "./node-call.ts";

/**
 * What connectNodeAdapter is, for any services, at a fraction of its cost: unary calls are answered without Connect's
 * pipeline where nothing about them is out of the ordinary, and all others by Connect's own handlers. No client can tell
 * which. Throws what connectNodeAdapter throws.
 *
 * @example
 * http2.createServer(directNodeAdapter({ routes: (router) => router.service(Reports, reports) })).listen(8080);
 */
export function directNodeAdapter(options: ConnectNodeAdapterOptions): ReturnType<typeof connectNodeAdapter> {
  const { routes, requestPathPrefix: prefix = "", fallback, contextValues } = options;
  const base = { ...options, acceptCompression: options.acceptCompression ?? DEFAULT_COMPRESSION };
  const router = createConnectRouter(base);
  const table = new MethodTable();
  routes(notingRouter(router, base, table));
  const handlers = new Map(router.handlers.map((handler) => [prefix + handler.requestPath, handler]));
  const methods = Array.from(table.byPath(router), ([path, method]) => [prefix + path, method] as const);
  const calls = new DirectCalls(new Map(methods), { clock: systemClock });
  const mounted = { routes: mountOf(router.handlers), requestPathPrefix: prefix };
  const viaConnect = connectNodeAdapter({
    ...{ ...base, ...mounted },
    ...(fallback && { fallback }),
    ...(contextValues && { contextValues }),
  });
  const goOn: AnswerRequest = (request, response, call) => {
    const handler = handlers.get(request.url ?? "");
    if (handler !== undefined && call !== undefined) finish(handler, request, response, call.progress);
  };
  return (request, response) => {
    // A request behind another on its connection fails with that, when Connect does not listen any more.
    request.on("error", () => {});
    const asked = askedBy(calls, request);
    if (asked === undefined) {
      viaConnect(request, response);
      return;
    }
    // Node gives a handler one of its own responses, whose types Connect has loosened.
    const own = response as NodeResponse;
    new NodeCall(request, own, asked, calls, contextValues?.(request), goOn).begin();
  };
}

const DEFAULT_COMPRESSION = [compressionGzip, compressionBrotli];

function mountOf(handlers: readonly UniversalHandler[]): ConnectNodeAdapterOptions["routes"] {
  return (router) => void router.handlers.push(...handlers);
}

/** Answers a call that is handed over, as connectNodeAdapter answers every call. */
async function finish(
  handler: UniversalHandler,
  request: NodeRequest,
  response: NodeResponse,
  progress: Progress,
): Promise<void> {
  const { body, begun, values } = progress;
  const universal = withDeadline(
    universalRequestFromNodeRequest(request, response, undefined, values),
    progress,
  );
  const known = body ?? begun;
  try {
    const answer = await handler(
      known === undefined ? universal : { ...universal, body: bodyOf(known, request) },
    );
    await universalResponseToNodeResponse(answer, response);
  } catch (reason) {
    if (ConnectError.from(reason).code === Code.Aborted) return;
    console.error(`handler for rpc ${handler.method.name} of ${handler.service.typeName} failed`, reason);
  }
}

async function* bodyOf(
  body: NonNullable<Progress["body" | "begun"]>,
  request: NodeRequest,
): AsyncIterable<Uint8Array> {
  if (body instanceof Uint8Array) {
    if (body.byteLength > 0) yield body;
    return;
  }
  yield* body.begin;
  yield* body.rest ?? request;
}
