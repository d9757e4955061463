import { STATIC_FIELDS } from "./static-table.ts";

const INDEXED = 0x80;

/** Names that have a number of their own, with the first of those. */
const NUMBERS = new Map<string, number>();
const PAIRS = new Map<string, number>();
for (const [i, { name, value }] of STATIC_FIELDS.entries()) {
  if (!NUMBERS.has(name)) NUMBERS.set(name, i + 1);
  if (value !== "") PAIRS.set(`${name}: ${value}`, i + 1);
}

/**
 * A header block of names and values in turn, which nobody has to remember anything of (RFC 7541, section 6.2.2): so it is
 * the same for every connection, and may be sent in any order.
 */
export function headerBlock(list: readonly string[]): Buffer {
  // A name, a value, and what stands before each.
  const bytes = Buffer.allocUnsafe(list.reduce((sum, text) => sum + text.length + 6, 0));
  let at = 0;
  for (let i = 0; i + 1 < list.length; i += 2) {
    const [name = "", value = ""] = [list[i], list[i + 1]];
    const pair = PAIRS.get(`${name}: ${value}`);
    if (pair !== undefined) {
      bytes[at++] = INDEXED | pair;
      continue;
    }
    const number = NUMBERS.get(name);
    if (number === undefined) {
      bytes[at++] = 0;
      at = writeText(bytes, at, name);
    } else at = writeNumber(bytes, at, number, 4);
    at = writeText(bytes, at, value);
  }
  return bytes.subarray(0, at);
}

function writeText(bytes: Buffer, at: number, text: string): number {
  const begin = writeNumber(bytes, at, text.length, 7);
  return begin + bytes.write(text, begin, "latin1");
}

/** Writes a number whose first byte has so many bits for it (RFC 7541, section 5.1). */
function writeNumber(bytes: Buffer, at: number, value: number, bits: number): number {
  const most = (1 << bits) - 1;
  if (value < most) {
    bytes[at] = value;
    return at + 1;
  }
  bytes[at++] = most;
  let rest = value - most;
  for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at] = rest;
  return at + 1;
}
