import {
  create,
  type DescMethodUnary,
  fromJson,
  type JsonObject,
  type Registry,
  ScalarType,
} from "@bufbuild/protobuf";
import type { Transport } from "@connectrpc/connect";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import type { Answer } from "./answer.ts";
import { objectOf, stringOf } from "./rest/json-object.ts";
import { restAnswer } from "./rest/rest-caller.ts";
import { answerOf, type CallSettings } from "./rpc-caller.ts";
import { type DeclaredTypes, declaredTypes } from "./schema.ts";
import {
  type RestRoute,
  START_KINDS,
  type StartFunction,
  type StartKind,
  type StartMethod,
} from "./start-method.ts";
import { ConformanceUsageError } from "./usage-error.ts";

/** An operation as its start has answered it. */
export interface Started {
  readonly name: string;
}

/** Starts operations, over whatever way there is. */
export interface Starter {
  /** What operations it can start. */
  readonly kinds: ReadonlySet<StartKind>;
  /** What it does, for people: `SimulateWork` or `POST /v1/echo:wait`. */
  readonly shown: string;
  start(kind: StartKind, requestId?: string): Promise<Answer<Started>>;
  /** Whether requests have a `request_id` (AIP-155). */
  readonly takesRequestId: boolean;
  /** The types that the method declares; undefined where it declares none; "unknown" where there is no schema. */
  readonly declared: DeclaredTypes | undefined | "unknown";
}

/** Starts operations by an RPC whose schema is known. Throws a ConformanceUsageError for a request that does not fit. */
export function rpcStarter(
  transport: Transport,
  method: DescMethodUnary,
  registry: Registry | undefined,
  requests: StartMethod,
  settings: CallSettings,
): Starter {
  const options = registry === undefined ? {} : { registry };
  const requestIdField = method.input.fields.find(
    ({ name, scalar }) => name === "request_id" && scalar === ScalarType.STRING,
  );
  const read = (kind: StartKind, json: JsonObject) => {
    try {
      return fromJson(method.input, json, options);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ConformanceUsageError(`the request of "${kind}" is no ${method.input.typeName}: ${why}`);
    }
  };
  const kinds = kindsOf(requests);
  for (const kind of kinds) read(kind, requests[kind] ?? {});
  // The server's own descriptor of Operation is another object than this package's.
  const call: DescMethodUnary<typeof method.input, typeof OperationSchema> = {
    ...method,
    output: OperationSchema,
  };
  return {
    kinds,
    shown: method.name,
    declared: declaredTypes(method),
    takesRequestId: requestIdField !== undefined,
    start: (kind, requestId) => {
      const json = requests[kind] ?? {};
      const withId = requestId === undefined || requestIdField === undefined;
      const request = read(kind, withId ? json : { ...json, [requestIdField.jsonName]: requestId });
      return answerOf(async ({ signal, headers }) => {
        const { message } = await transport.unary(call, signal, undefined, headers, request);
        return { name: create(OperationSchema, message).name };
      }, settings);
    },
  };
}

/** Starts operations by REST. */
export function restStarter(
  baseUrl: string,
  { method, path }: RestRoute,
  requests: StartMethod,
  declared: Starter["declared"],
  settings: CallSettings,
): Starter {
  return {
    kinds: kindsOf(requests),
    shown: `${method} ${path}`,
    declared,
    takesRequestId: false,
    start: (kind) =>
      restAnswer(
        baseUrl,
        { method, path: path.slice(1), body: JSON.stringify(requests[kind] ?? {}) },
        ({ json }) => ({ name: stringOf(objectOf(json)?.["name"]) }),
        settings,
      ),
  };
}

/** Starts operations by a function of the user's. */
export function functionStarter(start: StartFunction, settings: CallSettings): Starter {
  return {
    kinds: new Set<StartKind>(["succeeds", "fails", "lasts"]),
    shown: start.name || "start",
    declared: "unknown",
    takesRequestId: false,
    start: (kind) =>
      answerOf(async () => {
        if (kind === "refused") throw new TypeError("a function starts nothing that is refused");
        const { name } = await start(kind);
        return { name };
      }, settings),
  };
}

function kindsOf(requests: StartMethod): ReadonlySet<StartKind> {
  return new Set(START_KINDS.filter((kind) => requests[kind] !== undefined));
}
