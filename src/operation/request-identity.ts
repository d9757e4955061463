import type { Any } from "@bufbuild/protobuf/wkt";
import { invalidField } from "./errors.ts";

/** The longest request_id, in bytes of UTF-8. AIP-155 recommends a UUID, which has 36. */
const REQUEST_ID_BYTES = 128;

/** Which request it is that starts an operation, for one that is sent again to start no second (AIP-155). */
export interface RequestIdentity {
  /** The caller's `request_id`, a UUID as a rule; "" is none. */
  readonly id: string;
  /** What it asks for. A request with the same ID and another content is refused. */
  readonly content?: Any | undefined;
}

/**
 * Refuses what cannot be a request_id: more than 128 bytes, or a NUL. The empty one is none, and is no fault.
 *
 * Throws INVALID_ARGUMENT for the field.
 */
export function checkRequestId(field: string, id: string): void {
  if (!id.isWellFormed())
    throw invalidField(field, id.toWellFormed(), "is no text: half a character is missing");
  if (id.includes("\0")) throw invalidField(field, id, "has a NUL in it");
  const bytes = new TextEncoder().encode(id).length;
  if (bytes > REQUEST_ID_BYTES) throw invalidField(field, id, `is longer than ${REQUEST_ID_BYTES} bytes`);
}
