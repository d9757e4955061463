import type { JsonValue } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import type { Status } from "../../gen/google/rpc/status_pb.ts";
import { typeNameOf } from "../json/type-name.ts";
import { canonicalJson, listOf, objectOf, stringOf } from "./rest/json-object.ts";

/** An operation as a client sees it, whatever it came as. By REST it can have both an error and a response. */
export interface SeenOperation {
  readonly name: string;
  readonly done: boolean;
  readonly error?: SeenStatus | undefined;
  readonly response?: SeenAny | undefined;
  readonly metadata?: SeenAny | undefined;
}

export interface SeenStatus {
  readonly code: number;
  readonly message: string;
  /** How the details read: the same for the same details. */
  readonly details: string;
}

export interface SeenAny {
  readonly typeName: string;
  /** How the message reads: the same for the same message. */
  readonly content: string;
}

/** What is in a message. */
export function seenInMessage({ name, done, metadata, result }: Operation): SeenOperation {
  return {
    name,
    done,
    error: result.case === "error" ? statusInMessage(result.value) : undefined,
    response: result.case === "response" ? anyInMessage(result.value) : undefined,
    metadata: metadata === undefined ? undefined : anyInMessage(metadata),
  };
}

function statusInMessage({ code, message, details }: Status): SeenStatus {
  return { code, message, details: details.map((any) => canonicalJson({ ...anyInMessage(any) })).join() };
}

function anyInMessage({ typeUrl, value }: Any): SeenAny {
  // Protobuf gives no order to the entries of a map: the same message may come with its bytes in another one.
  return { typeName: typeNameOf(typeUrl), content: value.toSorted().toString() };
}

/** What is in an operation's JSON; undefined where it is no object. */
export function seenInJson(json: JsonValue | undefined): SeenOperation | undefined {
  const operation = objectOf(json);
  if (operation === undefined) return undefined;
  return {
    name: stringOf(operation["name"]),
    done: operation["done"] === true,
    error: statusInJson(operation["error"]),
    response: anyInJson(operation["response"]),
    metadata: anyInJson(operation["metadata"]),
  };
}

function statusInJson(json: JsonValue | undefined): SeenStatus | undefined {
  const status = objectOf(json);
  if (status === undefined) return undefined;
  const code = typeof status["code"] === "number" ? status["code"] : 0;
  return { code, message: stringOf(status["message"]), details: canonicalJson(listOf(status["details"])) };
}

function anyInJson(json: JsonValue | undefined): SeenAny | undefined {
  const any = objectOf(json);
  return any && { typeName: typeNameOf(stringOf(any["@type"])), content: canonicalJson(any) };
}

/** What an operation ended with, and its metadata, as one text: the same for the same operation. */
export function stateOf({ done, error, response, metadata }: SeenOperation): string {
  return JSON.stringify([done, error, response, metadata]);
}

/** An operation in a few words. */
export function shownOperation({ done, error, response }: SeenOperation): string {
  const results = [
    ...(error === undefined ? [] : [`error ${error.code} ${JSON.stringify(error.message)}`]),
    ...(response === undefined ? [] : [`a response of ${response.typeName || "no type"}`]),
  ];
  return `done: ${done}, ${results.length === 0 ? "neither error nor response" : results.join(" and ")}`;
}
