/** The longest id of a principal, in bytes of UTF-8: every store can index it. */
const MOST_BYTES = 1_000;

/** A unit of UTF-16 takes no more of them. */
const MOST_BYTES_OF_UNIT = 3;

/** Whether the id of who owns an operation can be kept: it is text, not empty, without a NUL, of 1,000 bytes at most. */
export function isPrincipalId(id: string): boolean {
  const isText = id !== "" && id.isWellFormed() && !id.includes("\0");
  return (
    isText &&
    (id.length * MOST_BYTES_OF_UNIT <= MOST_BYTES || new TextEncoder().encode(id).length <= MOST_BYTES)
  );
}
