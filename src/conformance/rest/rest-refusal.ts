import {
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type MessageShape,
} from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { typeNameOf } from "../../json/type-name.ts";
import type { Detail, Refusal } from "../answer.ts";
import { codeOfName } from "../code-name.ts";
import { type HttpAnswer, shownHttp } from "./http-answer.ts";
import { codeOfHttpStatus } from "./http-code.ts";
import { listOf, objectOf, stringOf } from "./json-object.ts";

/** What an answer by HTTP that is no success says (AIP-193); where its body says nothing, what its status means. */
export function refusalInHttp(http: HttpAnswer): Refusal {
  const error = objectOf(objectOf(http.json)?.["error"]);
  return {
    code: codeOfName(error?.["status"]) ?? codeOfHttpStatus(http.status),
    message: error === undefined ? shownHttp(http) : stringOf(error["message"]),
    details: listOf(error?.["details"]).flatMap((json) => detailInJson(json)),
    byUs: false,
  };
}

/** An answer that is a success, and cannot be read. */
export function unreadable(http: HttpAnswer): Refusal {
  return { code: Code.Unknown, message: shownHttp(http), details: [], byUs: false };
}

function detailInJson(json: JsonValue): Detail[] {
  const detail = objectOf(json);
  if (detail === undefined) return [];
  const { "@type": typeUrl, ...fields } = detail;
  const typeName = typeNameOf(stringOf(typeUrl));
  if (typeName === ErrorInfoSchema.typeName) return [{ typeName, errorInfo: read(ErrorInfoSchema, fields) }];
  if (typeName === BadRequestSchema.typeName)
    return [{ typeName, badRequest: read(BadRequestSchema, fields) }];
  return [{ typeName }];
}

function read<Desc extends DescMessage>(desc: Desc, json: JsonObject): MessageShape<Desc> | undefined {
  try {
    return fromJson(desc, json, { ignoreUnknownFields: true });
  } catch {
    // What is no such message is there as a detail, and nothing can be read of it.
    return undefined;
  }
}
