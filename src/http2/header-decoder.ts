import { REASON } from "./codes.ts";
import { ConnectionFault } from "./connection-fault.ts";
import { type HeaderField, headerField } from "./header-field.ts";
import { HeaderTable } from "./header-table.ts";
import { readHuffman } from "./huffman.ts";
import { STATIC_FIELDS } from "./static-table.ts";

/** The header table that clients may use, in bytes: what HTTP/2 has by itself. */
const TABLE_BYTES = 4_096;

/** Of numbers beyond this no good can come. */
const MOST = 2 ** 28;

/** Reads header blocks (RFC 7541). All of a connection's are read by one, since each may name what earlier ones have said. */
export class HeaderDecoder {
  readonly #table = new HeaderTable(TABLE_BYTES);
  readonly #mostBytes: number;
  /** How often the table has changed: a block that names fields by index means the same as long as it has not. */
  changes = 0;
  #at = 0;

  /** `mostBytes`: the largest list that a block may stand for, which may be hundreds of times as large. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /**
   * The fields of a block; undefined where they are too many, and the block is read all the same for what later ones name.
   * Throws a ConnectionFault for what is none.
   */
  decode(bytes: Buffer, from: number, to: number): HeaderField[] | undefined {
    const fields: HeaderField[] = [];
    let size = 0;
    this.#at = from;
    while (this.#at < to) {
      const field = this.#field(bytes, to, size === 0);
      if (field === undefined) continue;
      size += field.size;
      if (size <= this.#mostBytes) fields.push(field);
    }
    return size > this.#mostBytes ? undefined : fields;
  }

  /** The next field; undefined where the table gets another size. */
  #field(bytes: Buffer, to: number, isFirst: boolean): HeaderField | undefined {
    const first = bytes[this.#at] ?? 0;
    if (first >= 0x80) return this.#known(this.#number(bytes, to, 7));
    if (first >= 0x40) {
      const field = this.#literal(bytes, to, 6);
      this.#table.add(field);
      this.changes++;
      return field;
    }
    if (first < 0x20) return this.#literal(bytes, to, 4);
    const size = this.#number(bytes, to, 5);
    if (size > TABLE_BYTES || !isFirst) throw wrong("a size of the header table");
    this.#table.resize(size);
    this.changes++;
    return undefined;
  }

  #literal(bytes: Buffer, to: number, bits: number): HeaderField {
    const index = this.#number(bytes, to, bits);
    const name = index === 0 ? this.#string(bytes, to) : this.#known(index).name;
    return headerField(name, this.#string(bytes, to));
  }

  #known(index: number): HeaderField {
    const field =
      index <= STATIC_FIELDS.length
        ? STATIC_FIELDS[index - 1]
        : this.#table.at(index - STATIC_FIELDS.length - 1);
    if (field === undefined) throw wrong(`the index ${index}`);
    return field;
  }

  #string(bytes: Buffer, to: number): string {
    const isHuffman = (bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#number(bytes, to, 7);
    const from = this.#at;
    if (length > to - from) throw wrong("a string that is cut");
    this.#at += length;
    return isHuffman ? readHuffman(bytes, from, this.#at) : bytes.toString("latin1", from, this.#at);
  }

  /** A number whose first byte has so many bits for it (RFC 7541, section 5.1). */
  #number(bytes: Buffer, to: number, bits: number): number {
    const most = (1 << bits) - 1;
    if (this.#at >= to) throw wrong("a number that is cut");
    let value = (bytes[this.#at++] ?? 0) & most;
    if (value < most) return value;
    for (let shift = 0; ; shift += 7) {
      if (this.#at >= to) throw wrong("a number that is cut");
      const next = bytes[this.#at++] ?? 0;
      value += (next & 0x7f) * 2 ** shift;
      if (value > MOST || shift > 28) throw wrong("a number beyond all bounds");
      if (next < 0x80) return value;
    }
  }
}

function wrong(what: string): ConnectionFault {
  return new ConnectionFault(REASON.compressionError, `a header block with ${what}`);
}
