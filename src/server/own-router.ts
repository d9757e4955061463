import {
  clone,
  create,
  type DescMessage,
  type DescMethod,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  type ConnectRouter,
  type ConnectRouterOptions,
  createMethodImplSpec,
  createServiceImplSpec,
  type HandlerContext,
  type MethodImplSpec,
} from "@connectrpc/connect";
import type { AccessGate } from "../access/access-gate.ts";
import type { MethodTable } from "../direct/method-table.ts";
import type { AnyRegistry } from "../json/any-registry.ts";
import { BoundedJsonDecoder } from "../json/bounded-json-decoder.ts";
import { readFromJson } from "../json/read-from-json.ts";
import { shownInJson } from "../json/shown-in-json.ts";
import { inDomain } from "../operation/errors.ts";
import { onlyLooks } from "../telemetry/only-looks.ts";
import { isInJson } from "./call-encoding.ts";
import { completionOf } from "./error-info.ts";
import { messageLimit } from "./message-limit.ts";
import type { CompletingOptions } from "./missing-details.ts";
import { type Gate, inTurn } from "./request-rate.ts";

/** What the services of a server have in common. */
export interface OwnRouterOptions {
  /** The types that JSON shows in an Any. Those of each service that is mounted are added. */
  readonly registry: AnyRegistry;
  /** The ErrorInfo domain of what this package refuses. */
  readonly errorDomain: string;
  /** What the router was made with. Of a router itself that cannot be known. */
  readonly router?: ConnectRouterOptions | undefined;
  /** A gate that calls come to first. */
  readonly first?: Gate | undefined;
  /** Who lets calls in. Undefined: nobody asks. */
  readonly gate?: AccessGate | undefined;
  /** What errors are completed by, which do not go through Connect's handlers. */
  readonly completing?: Omit<CompletingOptions, "input"> | undefined;
  /** Notes the unary methods, for them to be answered without Connect's pipeline. */
  readonly table?: MethodTable | undefined;
  /** Whether what is mounted is this package's own (`UnaryParts.isOwn`). */
  readonly isOwn?: boolean | undefined;
}

/**
 * The same router, whose services read and write every Any in JSON, and refuse in the name of that domain.
 *
 * JSON's Any is seen to around the implementations and not in an interceptor, because a service cannot be mounted
 * with one more interceptor than its router has, only with others. So where a call is in JSON, interceptors see an
 * Any of an unknown type with the value that protobuf-es writes as base64.
 */
export function ownRouter(
  router: ConnectRouter,
  { registry, errorDomain, router: base = {}, first, gate, completing, table, isOwn }: OwnRouterOptions,
): ConnectRouter {
  const spoken = {
    grpc: base.grpc !== false,
    grpcWeb: base.grpcWeb !== false,
    connect: base.connect !== false,
  };
  if (base.jsonOptions?.registry !== undefined) registry.add(base.jsonOptions.registry);
  const mount = (spec: MethodImplSpec, options?: ConnectRouterOptions) => {
    registry.addFile(spec.method.parent.file);
    const known = registry.with(options?.jsonOptions?.registry);
    // Connect takes the decoder from the options of JSON: so whatever comes as JSON, and compressed, goes through it.
    const textDecoder = new BoundedJsonDecoder();
    const jsonOptions = { ...base.jsonOptions, ...options?.jsonOptions, registry: known, textDecoder };
    const most = messageLimit(spec.method, options?.readMaxBytes ?? base.readMaxBytes);
    const limit = Number.isFinite(most) ? { readMaxBytes: most } : {};
    // To what is mounted with options, the protocols and the JSON options of its router do not apply.
    const users = options?.requestGate ?? base.requestGate;
    const requestGate = inTurn(first, gate && ((context) => gate.admit(context)), users);
    const guarded = requestGate === undefined ? {} : { requestGate };
    mountMethod(
      router,
      spec,
      {
        registry: known,
        errorDomain,
        gate,
        isGateOwn: users === undefined,
        completing,
        table,
        isOwn,
        router: base,
      },
      { ...spoken, ...options, ...guarded, ...limit, jsonOptions },
    );
  };
  const own: ConnectRouter = {
    handlers: router.handlers,
    service(service, implementation, options) {
      const { methods } = createServiceImplSpec(service, implementation);
      for (const spec of Object.values(methods)) mount(spec, options);
      return own;
    },
    rpc(method, implementation, options) {
      mount(createMethodImplSpec(method, implementation), options);
      return own;
    },
  };
  return own;
}

function mountMethod(
  router: ConnectRouter,
  spec: MethodImplSpec,
  own: OwnRouterOptions & { readonly isGateOwn: boolean },
  options: ConnectRouterOptions,
): void {
  const { method } = spec;
  const read = <M extends MessageShape<DescMessage>>(message: M, context: HandlerContext): M => {
    if (isInJson(context)) readFromJson(method.input, message, own.registry);
    return message;
  };
  const shown = (message: MessageInitShape<DescMessage>, context: HandlerContext) => {
    const created = create(method.output, message);
    return isInJson(context) ? shownInJson(method.output, created, own.registry) : created;
  };
  const refused = (error: unknown) => inDomain(own.errorDomain, error);
  const { gate } = own;
  const as = <Value>(context: HandlerContext, act: () => Value) => (gate ? gate.as(context, act) : act());
  const stream = <Message>(context: HandlerContext, open: () => AsyncIterable<Message>) =>
    gate ? gate.each(context, open) : open();
  const isSafe = areAnswersSafe(own, options);
  const copied = isSafe ? asIs : copyOf(method);
  switch (spec.kind) {
    case "unary": {
      const call: typeof spec.impl = async (message, context) => {
        try {
          return copied(await as(context, () => spec.impl(message, context)));
        } catch (error) {
          throw refused(error);
        }
      };
      const bare: typeof spec.impl =
        gate === undefined
          ? spec.impl
          : (message, context) => gate.as(context, () => spec.impl(message, context));
      const inConnect: typeof spec.impl = async (request, context) => {
        try {
          const message = read(request, context);
          return shown(copied(await as(context, () => spec.impl(message, context))), context);
        } catch (error) {
          throw refused(error);
        }
      };
      if (own.table === undefined) router.rpc(spec.method, inConnect, options);
      else {
        own.table.mount(router, { ...spec, impl: inConnect }, merged(own.router, options), {
          implementation: call,
          bare: isSafe ? { implementation: bare, errorOf: refused } : undefined,
          isGateOwn: own.isGateOwn,
          readFromJson: (message) => void readFromJson(spec.method.input, message, own.registry),
          shownInJson: (message) => shownInJson(spec.method.output, message, own.registry),
          completion: own.completing && completionOf(spec.method.input, own.completing),
          isOwn: own.isOwn,
        });
      }
      return;
    }
    case "client_streaming":
      router.rpc(
        spec.method,
        async (requests, context) => {
          try {
            const messages = each(requests, read, context);
            return shown(await as(context, () => spec.impl(messages, context)), context);
          } catch (error) {
            throw refused(error);
          }
        },
        options,
      );
      return;
    case "server_streaming":
      router.rpc(
        spec.method,
        async function* (request, context) {
          try {
            const message = read(request, context);
            yield* each(
              stream(context, () => spec.impl(message, context)),
              (answer) => shown(copied(answer), context),
              context,
            );
          } catch (error) {
            throw refused(error);
          }
        },
        options,
      );
      return;
    case "bidi_streaming":
      router.rpc(
        spec.method,
        async function* (requests, context) {
          try {
            const messages = each(requests, read, context);
            yield* each(
              stream(context, () => spec.impl(messages, context)),
              shown,
              context,
            );
          } catch (error) {
            throw refused(error);
          }
        },
        options,
      );
  }
}

type Answer = MessageInitShape<DescMessage>;

/** This package's own answers are frozen: interceptors that may change them, where there are any, get copies. */
function areAnswersSafe(
  { isOwn, router }: OwnRouterOptions,
  { interceptors = router?.interceptors ?? [] }: ConnectRouterOptions,
): boolean {
  return !isOwn || (router !== undefined && interceptors.every(onlyLooks));
}

function asIs(answer: Answer): Answer {
  return answer;
}

function copyOf({ output }: DescMethod): (answer: Answer) => Answer {
  return (answer) => clone(output, create(output, answer));
}

/** What holds for a method: the protocols are those of its own options alone. */
function merged(base: ConnectRouterOptions | undefined, options: ConnectRouterOptions): ConnectRouterOptions {
  const { grpc, grpcWeb, connect, ...others } = base ?? {};
  return { ...others, ...options };
}

async function* each<From, To>(
  messages: AsyncIterable<From>,
  change: (message: From, context: HandlerContext) => To,
  context: HandlerContext,
): AsyncIterable<To> {
  for await (const message of messages) yield change(message, context);
}
