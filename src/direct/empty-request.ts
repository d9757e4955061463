import type { CallForm } from "./call-form.ts";
import { enveloped } from "./envelope.ts";

const EMPTY = new Uint8Array();
const EMPTY_ENVELOPE = enveloped(EMPTY);
const EMPTY_JSON = Buffer.from("{}");
const EMPTY_JSON_ENVELOPE = enveloped(EMPTY_JSON);

/** A request that can be read, in place of one that nobody looks at any more. */
export function emptyRequest({ isEnveloped, isBinary }: CallForm): Uint8Array {
  if (isBinary) return isEnveloped ? EMPTY_ENVELOPE : EMPTY;
  return isEnveloped ? EMPTY_JSON_ENVELOPE : EMPTY_JSON;
}
