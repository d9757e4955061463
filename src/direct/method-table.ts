import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  type ConnectRouterOptions,
  createMethodImplSpec,
  createServiceImplSpec,
  type MethodImpl,
  type MethodImplSpec,
} from "@connectrpc/connect";
import { DirectMethod, type UnaryParts } from "./direct-method.ts";
import { answeringOnce, passingOnce } from "./handed-over.ts";

type UnarySpec = Extract<MethodImplSpec, { kind: "unary" }>;

/** The unary methods that are mounted on a router, with what it takes to answer them without it. */
export class MethodTable {
  readonly #mounted: { readonly path: string; readonly at: number; readonly method: DirectMethod }[] = [];

  /** Mounts a method on a router, with all its options, and notes its parts, which do what its implementation does. */
  mount(router: ConnectRouter, spec: UnarySpec, options: ConnectRouterOptions, parts?: UnaryParts): void {
    const at = router.handlers.length;
    router.rpc(spec.method, spec.impl, {
      ...options,
      requestGate: passingOnce(options.requestGate),
      interceptors: [answeringOnce, ...(options.interceptors ?? [])],
    });
    const path = router.handlers[at]?.requestPath;
    const method = new DirectMethod(spec.method, parts ?? { implementation: spec.impl }, options);
    if (path !== undefined) this.#mounted.push({ path, at, method });
  }

  /** The methods by their paths: those of which the router's last handler for the path is the one that was mounted here. */
  byPath({ handlers }: ConnectRouter): ReadonlyMap<string, DirectMethod> {
    const last = new Map(handlers.map(({ requestPath }, at) => [requestPath, at]));
    const valid = this.#mounted.filter(({ path, at }) => last.get(path) === at);
    return new Map(valid.map(({ path, method }) => [path, method]));
  }
}

/** A router that notes the unary methods that are mounted on it, and mounts all on another, made with `base`. */
export function notingRouter(
  router: ConnectRouter,
  base: ConnectRouterOptions,
  table: MethodTable,
): ConnectRouter {
  const mount = (spec: MethodImplSpec, given: ConnectRouterOptions | undefined) => {
    if (spec.kind === "unary") table.mount(router, spec, effective(base, given));
    else router.rpc(spec.method, spec.impl as never, given);
  };
  const noting: ConnectRouter = {
    handlers: router.handlers,
    service<Desc extends DescService>(service: Desc, implementation: object, options?: ConnectRouterOptions) {
      const { methods } = createServiceImplSpec(service, implementation);
      for (const spec of Object.values(methods)) mount(spec, options);
      return noting;
    },
    rpc<Method extends DescMethod>(
      method: Method,
      implementation: MethodImpl<Method>,
      options?: ConnectRouterOptions,
    ) {
      mount(createMethodImplSpec(method, implementation), options);
      return noting;
    },
  };
  return noting;
}

/** Connect takes the protocols from the options of what is mounted where there are any, and all else from both. */
function effective(
  base: ConnectRouterOptions,
  given: ConnectRouterOptions | undefined,
): ConnectRouterOptions {
  if (given === undefined) return base;
  const { grpc, grpcWeb, connect, ...others } = base;
  return { ...others, ...given };
}
