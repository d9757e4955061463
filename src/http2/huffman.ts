import { REASON } from "./codes.ts";
import { ConnectionFault } from "./connection-fault.ts";

/**
 * How many bits each byte has, and at last the end of a string (RFC 7541, appendix B). The code is canonical: of codes of
 * one length that of the next byte is the next, and so the lengths say it all.
 */
const LENGTHS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28,
  28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7,
  8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19,
  13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13,
  28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21,
  22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23,
  22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
  25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

const END = 256;

/**
 * What eight bits mean, by table: a byte and how many of them it has, where that is all of its code (`bits << 9 | byte`),
 * or the table for the eight bits that follow (`-table`). 0 where there is no such code.
 */
const tables: Int32Array[] = [new Int32Array(256)];
fill();

/** Bytes are put together here, and made a string at once. A string has no more bits than this has bytes times five. */
let scratch = Buffer.alloc(4_096);

/** The string that so many bytes stand for. Throws a ConnectionFault for what is none. */
export function readHuffman(bytes: Buffer, from: number, to: number): string {
  const mostBytes = Math.ceil(((to - from) * 8) / 5);
  if (mostBytes > scratch.byteLength) scratch = Buffer.alloc(2 * mostBytes);
  let length = 0;
  let table = tables[0] as Int32Array;
  let held = 0;
  let heldBits = 0;
  // Of the code that is being read; more than seven of them at the end are no padding.
  let codeBits = 0;
  for (let at = from; at < to; at++) {
    held = ((held << 8) | (bytes[at] ?? 0)) & 0xffff;
    heldBits += 8;
    codeBits += 8;
    while (heldBits >= 8) {
      const found = table[(held >>> (heldBits - 8)) & 0xff] ?? 0;
      if (found > 0) {
        const byte = found & 0x1ff;
        if (byte === END) throw wrong();
        scratch[length++] = byte;
        heldBits -= found >>> 9;
        codeBits = heldBits;
        table = tables[0] as Int32Array;
      } else if (found < 0) {
        heldBits -= 8;
        table = tables[-found] as Int32Array;
      } else throw wrong();
    }
  }
  // What is left may be codes of fewer than eight bits, and the beginning of the end's code, which is ones.
  while (heldBits > 0) {
    const found = table[((held << (8 - heldBits)) & 0xff) | (0xff >>> heldBits)] ?? 0;
    const bits = found >>> 9;
    if (found <= 0 || bits > heldBits) break;
    scratch[length++] = found & 0x1ff;
    heldBits -= bits;
    codeBits = heldBits;
    table = tables[0] as Int32Array;
  }
  const mask = (1 << heldBits) - 1;
  if (codeBits > 7 || (held & mask) !== mask) throw wrong();
  return scratch.toString("latin1", 0, length);
}

function wrong(): ConnectionFault {
  return new ConnectionFault(REASON.compressionError, "a string that is not in Huffman's code");
}

function fill(): void {
  const symbols = LENGTHS.map((bits, symbol) => ({ bits, symbol })).sort(
    (a, b) => a.bits - b.bits || a.symbol - b.symbol,
  );
  let code = 0;
  let length = 0;
  for (const { bits, symbol } of symbols) {
    code = code * 2 ** (bits - length);
    length = bits;
    enter(code, bits, symbol);
    code++;
  }
}

function enter(code: number, bits: number, symbol: number): void {
  let table = tables[0] as Int32Array;
  let left = bits;
  for (; left > 8; left -= 8) {
    const index = Math.floor(code / 2 ** (left - 8)) & 0xff;
    if (table[index] === 0) table[index] = -(tables.push(new Int32Array(256)) - 1);
    table = tables[-(table[index] as number)] as Int32Array;
  }
  const first = (code * 2 ** (8 - left)) & 0xff;
  table.fill((left << 9) | symbol, first, first + 2 ** (8 - left));
}
