import { createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { TransportProvider } from "@connectrpc/connect-query";
import { createConnectTransport } from "@connectrpc/connect-web";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type RenderHookResult, type RenderResult, render, renderHook } from "@testing-library/react";
import { createElement, type ReactNode, StrictMode } from "react";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import type { CreateOperationsOptions } from "../../src/server/create-operations.ts";
import { CallLog } from "../browser/call-log.ts";
import { listenBefore } from "../client/listen-before.ts";
import { type OpenServer, openServer } from "../server/open-server.ts";
import { until } from "../until.ts";

/** A server, and a page whose components call it over real sockets. */
export interface OpenPage extends AsyncDisposable {
  readonly server: OpenServer;
  readonly log: CallLog;
  readonly queryClient: QueryClient;
  readonly transport: Transport;
  readonly operations: ReturnType<typeof createClient<typeof Operations>>;
  /** Mounts a component of its own, with this hook. */
  mount<State, Props = unknown>(hook: (props: Props) => State, props?: Props): RenderHookResult<State, Props>;
  render(content: ReactNode): RenderResult;
  /** Breaks every connection between the page and the server. */
  cutConnections(): void;
  /** Resolves once so many calls watch in the server. */
  watching(count: number): Promise<void>;
}

export interface OpenPageOptions {
  readonly create?: Omit<CreateOperationsOptions, "store">;
  /** An interceptor of the page's. */
  readonly intercept?: Interceptor;
}

/** Opens a page in StrictMode, which mounts each component twice. */
export async function openPage({ create, intercept }: OpenPageOptions = {}): Promise<OpenPage> {
  const log = new CallLog();
  const server = await openServer({ create, connect: { interceptors: [log.interceptor] } });
  const proxy = await listenBefore(server.port);
  const transport = createConnectTransport({
    baseUrl: proxy.url,
    useBinaryFormat: true,
    interceptors: intercept ? [intercept] : [],
  });
  const queryClient = new QueryClient({ defaultOptions: { queries: { retryDelay: 1 } } });
  const wrapper = ({ children }: { readonly children: ReactNode }) =>
    createElement(
      StrictMode,
      null,
      createElement(TransportProvider, {
        transport,
        children: createElement(QueryClientProvider, { client: queryClient }, children),
      }),
    );
  const mounted: { unmount(): void }[] = [];
  return {
    ...{ server, log, queryClient, transport },
    operations: createClient(Operations, transport),
    mount(hook, props) {
      const view = renderHook(hook, { wrapper, initialProps: props });
      mounted.push(view);
      return view;
    },
    render(content) {
      const view = render(content, { wrapper });
      mounted.push(view);
      return view;
    },
    cutConnections: () => proxy.cutAll((socket) => socket.destroy()),
    watching: (count) => until(() => server.operations.watch?.watching === count),
    async [Symbol.asyncDispose]() {
      for (const view of mounted) view.unmount();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      queryClient.clear();
    },
  };
}
