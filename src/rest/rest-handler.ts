import { type DescMethod, getOption, hasOption, type Message } from "@bufbuild/protobuf";
import type { Compression, UniversalHandler, UniversalHandlerFn } from "@connectrpc/connect/protocol";
import { http } from "../../gen/google/api/annotations_pb.ts";
import type { HttpRule } from "../../gen/google/api/http_pb.ts";
import { answerJson } from "./answer.ts";
import { type Binding, bindingsOf } from "./binding.ts";
import { errorJson } from "./error-json.ts";
import { DEFAULT_ERROR_DOMAIN, errorOfRefusal } from "./errors.ts";
import { type JsonOptions, jsonSettings } from "./json-options.ts";
import { methodNotAllowed, pathNotServed, type Refusal } from "./refusal.ts";
import { type CallSettings, type Found, RestCall } from "./rest-call.ts";
import { RouteTrie } from "./route-trie.ts";
import { httpStatusOf } from "./status-code.ts";

/** How methods are served by REST. */
export interface RestOptions {
  /**
   * More rules, as data: each names its method by `selector`, such as
   * `google.longrunning.Operations.WaitOperation`. A path that an annotation has already stays the annotation's.
   */
  readonly rules?: readonly HttpRule[] | undefined;
  /**
   * How messages are read from JSON and written as JSON. Unknown fields are refused by default, as Google's REST does.
   * An Any of a type that neither the registry nor a mounted file has is written as its type URL and its value.
   */
  readonly json?: JsonOptions | undefined;
  /** The largest body that is read, in bytes, also after decompression. 4 MiB by default. */
  readonly readMaxBytes?: number | undefined;
  /** The largest body of a method, in bytes, where it is not `readMaxBytes`. */
  readonly mostBytesOf?: ((method: DescMethod) => number) | undefined;
  /** How bodies and answers may be compressed; not at all by default. */
  readonly acceptCompression?: readonly Compression[] | undefined;
  /** Smaller answers are sent as they are. 1,024 bytes by default, as Connect has it. */
  readonly compressMinBytes?: number | undefined;
  /** The ErrorInfo domain of what REST refuses (AIP-193). `longrunning` by default. */
  readonly errorDomain?: string | undefined;
  /** A path, without its query, in the form in which the rules have it: for clients that write it otherwise. */
  readonly rewritePath?: ((path: string) => string) | undefined;
  /** Headers for an answer, beside those that the method has set. */
  readonly responseHeaders?:
    | ((method: DescMethod, response: Message) => Readonly<Record<string, string>> | undefined)
    | undefined;
  /** Hears of an answer that could not be sent, because JSON cannot hold it. */
  readonly onError?: ((message: string, cause: unknown) => void) | undefined;
}

/** Methods as REST serves them. */
export interface RestHandler {
  /** What is served: each path and HTTP method with the method behind it. */
  readonly bindings: readonly Binding[];
  /**
   * What answers a request of that HTTP method and target (its path, as it was sent, and its query). Undefined
   * where no rule has such a path; where one has it with another HTTP method, what answers says so.
   */
  find(httpMethod: string, target: string): UniversalHandlerFn | undefined;
  /** Answers that a target is nobody's (404): for a server that has found no other handler for it either. */
  notServed(target: string): UniversalHandlerFn;
}

interface Route {
  readonly binding: Binding;
  readonly handler: UniversalHandler;
  readonly annotated: boolean;
}

/**
 * Serves methods by their `google.api.http` annotations (AIP-127): what comes by REST goes through the handlers
 * of a ConnectRouter, with their gate and interceptors, as a call of Connect's protocol. Methods with a client's
 * stream have no form in REST, and their annotations are passed over. Throws a TypeError, which names the method
 * and the rule, where a rule is wrong, or two methods have the same path.
 */
export function createRestHandler(
  handlers: readonly UniversalHandler[],
  options: RestOptions = {},
): RestHandler {
  const trie = new RouteTrie<Route>();
  const bindings: Binding[] = [];
  for (const { handler, rule, annotated } of rulesOf(handlers, options.rules ?? [])) {
    for (const binding of bindingsOf(handler.method, rule)) {
      const other = trie.insert(binding.httpMethod, binding.template, { binding, handler, annotated });
      if (other === undefined) bindings.push(binding);
      else if (other.annotated === annotated) throw new TypeError(samePath(other.binding, binding));
    }
  }
  const settings: CallSettings = {
    json: jsonSettings(options.json ?? {}, handlers),
    mostBytesOf: options.mostBytesOf ?? (() => options.readMaxBytes ?? 4 * 1024 * 1024),
    acceptCompression: options.acceptCompression ?? [],
    compressMinBytes: options.compressMinBytes ?? 1_024,
    errorDomain: options.errorDomain ?? DEFAULT_ERROR_DOMAIN,
    responseHeaders: options.responseHeaders ?? (() => undefined),
    onError: options.onError ?? (() => {}),
  };
  return {
    bindings,
    find(httpMethod, target) {
      const mark = target.indexOf("?");
      const sent = mark < 0 ? target : target.slice(0, mark);
      const path = options.rewritePath?.(sent) ?? sent;
      let match = trie.find(httpMethod, path);
      // Who may GET may ask for the headers alone (RFC 9110 §9.3.2).
      if (httpMethod === "HEAD" && match?.kind === "wrongMethod") match = trie.find("GET", path);
      if (match === undefined) return undefined;
      if (match.kind === "wrongMethod") {
        const allowed = match.allowed.includes("GET") ? ["HEAD", ...match.allowed].sort() : match.allowed;
        return refuse(methodNotAllowed(httpMethod, path, allowed), { allow: allowed.join(", ") }, settings);
      }
      const { target: route, segments } = match;
      const found: Found = { ...route, segments, query: mark < 0 ? "" : target.slice(mark + 1) };
      return (request) => new RestCall(found, request, settings).answer();
    },
    notServed: (target) => refuse(pathNotServed(target.replace(/\?.*$/s, "")), {}, settings),
  };
}

interface AppliedRule {
  readonly handler: UniversalHandler;
  readonly rule: HttpRule;
  /** Whether the method's own proto has it. */
  readonly annotated: boolean;
}

/** The rules of the methods: first their annotations, and then those that are given beside. */
function rulesOf(handlers: readonly UniversalHandler[], more: readonly HttpRule[]): AppliedRule[] {
  const annotated = handlers
    .filter(({ method }) => hasOption(method, http) && isServed(method))
    .map((handler) => ({ handler, rule: getOption(handler.method, http), annotated: true }));
  const given = more.map((rule) => {
    const handler = handlers.find(({ method }) => selectorOf(method) === rule.selector);
    if (handler === undefined)
      throw new TypeError(`an HTTP rule is for ${rule.selector}, which is not mounted`);
    if (!isServed(handler.method)) {
      throw new TypeError(`an HTTP rule is for ${rule.selector}, which has a stream of requests`);
    }
    return { handler, rule, annotated: false };
  });
  const withoutConnect = [...annotated, ...given].find(
    ({ handler }) => !handler.protocolNames.includes("connect"),
  );
  if (withoutConnect !== undefined) {
    const name = selectorOf(withoutConnect.handler.method);
    throw new TypeError(
      `${name} has an HTTP rule, and is not mounted for Connect's protocol, which REST needs`,
    );
  }
  return [...annotated, ...given];
}

function isServed({ methodKind }: DescMethod): boolean {
  return methodKind === "unary" || methodKind === "server_streaming";
}

function selectorOf(method: DescMethod): string {
  return `${method.parent.typeName}.${method.name}`;
}

function samePath(a: Binding, b: Binding): string {
  const [first, second] = [a, b].map(({ method, template }) => `${selectorOf(method)} (${template.text})`);
  return `${first} and ${second} have the same path for ${b.httpMethod}`;
}

function refuse(refusal: Refusal, headers: HeadersInit, settings: CallSettings): UniversalHandlerFn {
  const error = errorOfRefusal(refusal, settings.errorDomain);
  const status = refusal.parts.httpStatus ?? httpStatusOf(error.code);
  const json = errorJson(error, status, settings.json);
  return (request) =>
    answerJson(request, { status, header: new Headers(headers), json, pretty: false }, settings);
}
