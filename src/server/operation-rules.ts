import { create, type DescMethod, isMessage, type Message } from "@bufbuild/protobuf";
import { anyUnpack, timestampMs } from "@bufbuild/protobuf/wkt";
import { type HttpRule, HttpRuleSchema } from "../../gen/google/api/http_pb.ts";
import { OperationSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";

function rule(method: DescMethod, pattern: HttpRule["pattern"], body = ""): HttpRule {
  return create(HttpRuleSchema, { selector: `${method.parent.typeName}.${method.name}`, pattern, body });
}

const { getOperation, listOperations, deleteOperation, cancelOperation, waitOperation } = Operations.method;

/**
 * How operations are served by REST beyond the annotations of google.longrunning, which know neither WaitOperation
 * nor operations below a resource: as most of Google's services have it, and as google-api-core calls it.
 */
export const OPERATION_RULES: readonly HttpRule[] = [
  rule(waitOperation, { case: "post", value: "/v1/{name=operations/**}:wait" }, "*"),
  rule(listOperations, { case: "get", value: "/v1/{name=**}/operations" }),
  rule(getOperation, { case: "get", value: "/v1/{name=**/operations/*}" }),
  rule(deleteOperation, { case: "delete", value: "/v1/{name=**/operations/*}" }),
  rule(cancelOperation, { case: "post", value: "/v1/{name=**/operations/*}:cancel" }, "*"),
  rule(waitOperation, { case: "post", value: "/v1/{name=**/operations/*}:wait" }, "*"),
];

/** A name that google-gax has put into one segment, behind its own `/v1/operations/`. */
const IN_ONE_SEGMENT = /^\/v1\/operations\/((?:[^/:]*%2F)+[^/:]*)(?=$|:[a-z]+$)/i;

/** A path as the rules have it, of one that google-gax has made of a whole name. */
export function operationPath(path: string): string {
  return path.replace(IN_ONE_SEGMENT, (_, name: string) => `/v1/${name.replace(/%2F/gi, "/")}`);
}

/** How soon a client that polls is to ask again: after a tenth of the time that it has waited already, in seconds. */
const LEAST_SECONDS = 1;
const MOST_SECONDS = 30;
const PART = 10;

/**
 * Headers for an answer by REST: of an operation that runs, when it is worth asking again (Retry-After, RFC 9110
 * §10.2.3). `nowMs` is in milliseconds since the epoch.
 */
export function operationHeaders(
  response: Message,
  nowMs: number,
): Readonly<Record<string, string>> | undefined {
  if (!isMessage(response, OperationSchema) || response.done) return undefined;
  const createTime = response.metadata && anyUnpack(response.metadata, OperationMetadataSchema)?.createTime;
  const seconds = createTime === undefined ? 0 : (nowMs - timestampMs(createTime)) / 1_000 / PART;
  return { "retry-after": String(Math.round(Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS))) };
}
