import type { UniversalHandler, UniversalHandlerFn } from "@connectrpc/connect/protocol";
import type { HttpRule } from "../../gen/google/api/http_pb.ts";
import { type OpenApiOptions, openApiDocument } from "../rest/openapi/document.ts";
import { createRestHandler, type RestOptions } from "../rest/rest-handler.ts";
import type { Clock } from "../time/clock.ts";
import { OPERATION_RULES, operationHeaders, operationPath } from "./operation-rules.ts";

/** What is served by REST beside the annotations of the mounted services. */
export interface ServeRestOptions {
  /** More rules, as data, each for the method that its `selector` names. */
  readonly rules?: readonly HttpRule[] | undefined;
  /** What `/openapi.json` says of itself. False: it is not served. */
  readonly openApi?: OpenApiOptions | false | undefined;
}

/** Finds what answers a request by REST: by its HTTP method and its target. */
export type FindRest = (httpMethod: string, target: string) => UniversalHandlerFn | undefined;

const OPEN_API_PATH = "/openapi.json";
const OPEN_API: OpenApiOptions = { title: "Long-running operations", version: "v1" };

/** REST for these methods, and the OpenAPI document of what it serves. Throws as `createRestHandler` does. */
export function restRoutes(
  handlers: readonly UniversalHandler[],
  { rules = [], openApi = OPEN_API }: ServeRestOptions,
  clock: Clock,
  options: Omit<RestOptions, "rules" | "rewritePath" | "responseHeaders">,
): FindRest {
  const rest = createRestHandler(handlers, {
    ...options,
    rules: [...rules, ...OPERATION_RULES],
    rewritePath: operationPath,
    responseHeaders: (_, response) => operationHeaders(response, clock.wallMs()),
  });
  if (openApi === false) return (httpMethod, target) => rest.find(httpMethod, target);
  const document = new TextEncoder().encode(JSON.stringify(openApiDocument(rest.bindings, openApi)));
  const answerDocument: UniversalHandlerFn = async () => ({
    status: 200,
    header: new Headers({ "content-type": "application/json", "cache-control": "no-cache" }),
    body: once(document),
    trailer: new Headers(),
  });
  return (httpMethod, target) =>
    target.replace(/\?.*$/s, "") === OPEN_API_PATH && httpMethod === "GET"
      ? answerDocument
      : rest.find(httpMethod, target);
}

async function* once(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
