import { createHash } from "node:crypto";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { OperationType } from "../operation/operation-type.ts";

/** What tells a request from another with the same ID: the kind of operation, its parent, and all that it asks for. */
export function requestDigest(
  { response, metadata }: OperationType,
  parent: string,
  contents: readonly Any[],
): string {
  const hash = createHash("sha256").update(`${response.typeName}\n${metadata.typeName}\n${parent}\n`);
  for (const { typeUrl, value } of contents) hash.update(`${typeUrl}\n${value.length}\n`).update(value);
  return hash.digest("base64url");
}

/** The ID by which a request is kept: what one caller asks for, no other can find or take, whatever ID they use. */
export function requestKey(requestId: string, principal: string | undefined): string {
  if (principal === undefined) return requestId;
  return createHash("sha256")
    .update(JSON.stringify([principal, requestId]))
    .digest("base64url");
}
