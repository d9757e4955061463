import type { JsonObject } from "@bufbuild/protobuf";

/** What operations a suite needs: ones that succeed and fail soon, ones that last, and a request that is refused. */
export const START_KINDS = ["succeeds", "fails", "lasts", "refused"] as const;

export type StartKind = (typeof START_KINDS)[number];

/** How operations are started. Checks that need a kind that is not given are not applicable. */
export interface StartMethod extends Readonly<Partial<Record<StartKind, JsonObject>>> {
  /** `pkg.Service/Method`, which is called over gRPC or Connect; or `POST /v1/echo:wait`, which is called by REST. */
  readonly method: string;
  /** How the same method is called by REST, where `method` is an RPC. */
  readonly rest?: string | undefined;
  /** The request of an operation that takes about a second, and succeeds. */
  readonly succeeds?: JsonObject;
  /** The request of an operation that fails soon after it has started. */
  readonly fails?: JsonObject;
  /** The request of an operation that runs for minutes, and can be cancelled. */
  readonly lasts?: JsonObject;
  /** A request for work that cannot start. */
  readonly refused?: JsonObject;
  /** A google.protobuf.FileDescriptorSet with the method, in binary. By default the server is asked by reflection. */
  readonly schema?: Uint8Array | undefined;
}

/** Starts an operation of a kind; throws a ConnectError where that is refused. */
export type StartFunction = (kind: Exclude<StartKind, "refused">) => Promise<{ readonly name: string }>;

/** A route of REST, such as `POST /v1/echo:wait`. */
export interface RestRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
}

/** Reads `POST /v1/echo:wait`; undefined where that is none. */
export function restRoute(text: string): RestRoute | undefined {
  const [, method, path] = /^(GET|POST|DELETE) (\/\S*)$/.exec(text) ?? [];
  return path === undefined || (method !== "GET" && method !== "POST" && method !== "DELETE")
    ? undefined
    : { method, path };
}

/** A method by the name of its service and its own. */
export interface RpcName {
  readonly service: string;
  readonly method: string;
}

/** Reads `pkg.Service/Method`, with a slash or a dot before the method; undefined where that is none. */
export function rpcName(text: string): RpcName | undefined {
  const [, service, method] = /^\/?([A-Za-z_][\w.]*)[/.]([A-Za-z_]\w*)$/.exec(text) ?? [];
  return service === undefined || method === undefined ? undefined : { service, method };
}
