import { createHash } from "node:crypto";

/** Longer bodies are told apart by their digests. */
const SHOWN_BYTES = 2_000;

/** A body in a form that can be compared, and read where it differs. */
export function shownBody(body: Buffer): string {
  if (body.byteLength <= SHOWN_BYTES) return body.toString("latin1");
  return `${body.byteLength} bytes ${createHash("sha256").update(body).digest("hex")}`;
}
