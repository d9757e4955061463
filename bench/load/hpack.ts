/** A header of a request: pseudo headers first. */
export type Header = readonly [name: string, value: string];

const LITERAL_WITH_INDEXING = 0x40;
const INDEXED = 0x80;
const STATIC_ENTRIES = 61;

/**
 * The headers of a connection's first request (RFC 7541 §6.2.1): each is put into the table of the connection, as the
 * clients of gRPC do it. Strings have fewer than 127 bytes.
 */
export function firstBlock(headers: readonly Header[]): Buffer {
  const pieces = headers.flatMap(([name, value]) => [
    Buffer.from([LITERAL_WITH_INDEXING]),
    text(name),
    text(value),
  ]);
  return Buffer.concat(pieces);
}

/** The same headers of every later request, a byte each: the entry that came last has the lowest index. */
export function nextBlock(headers: readonly Header[]): Buffer {
  return Buffer.from(headers.map((_, i) => INDEXED | (STATIC_ENTRIES + headers.length - i)));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  if (bytes.length >= 127) throw new RangeError(`"${value}" is too long for one byte of length`);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
