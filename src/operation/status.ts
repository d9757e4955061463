import { create } from "@bufbuild/protobuf";
import { type Any, AnySchema, anyPack } from "@bufbuild/protobuf/wkt";
import { Code, type ConnectError } from "@connectrpc/connect";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { encode } from "./encoded-message.ts";

const TYPE_URL_PREFIX = "type.googleapis.com/";

/** The google.rpc.Status of an error: its code, its message and its details, those from another server included. */
export function statusOfError(error: ConnectError): Status {
  return create(StatusSchema, {
    code: error.code,
    message: error.rawMessage,
    details: error.details.map(anyOfDetail),
  });
}

function anyOfDetail(detail: ConnectError["details"][number]): Any {
  if ("desc" in detail) return anyPack(detail.desc, encode(detail.desc, detail.value));
  return create(AnySchema, { typeUrl: TYPE_URL_PREFIX + detail.type, value: detail.value.slice() });
}

/** The details of a status in the form in which a ConnectError carries what came over the wire. */
export function detailsOfStatus(status: Status): ConnectError["details"] {
  return status.details.map((any) => ({
    type: any.typeUrl.slice(any.typeUrl.lastIndexOf("/") + 1),
    value: any.value,
  }));
}

/** The code of a status. A code that no RPC has, which only a foreign server sends, is UNKNOWN. */
export function codeOfStatus(status: Status): Code {
  return status.code in Code && status.code !== 0 ? (status.code as Code) : Code.Unknown;
}
