/** What a field takes of a header table beside its name and its value (RFC 7541, section 4.1). */
export const FIELD_BYTES = 32;

/** A field of a header block. */
export interface HeaderField {
  readonly name: string;
  readonly value: string;
  /** What it takes of a header table and of a list of headers, in bytes. */
  readonly size: number;
  /** Whether it is one that nobody looks at twice: a name in lower case, and printable ASCII. */
  readonly isPlain: boolean;
}

const PLAIN_NAME = /^:?[a-z0-9!#$%&'*+.^_`|~-]+$/;
const PLAIN_VALUE = /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/;

/** A field, by strings whose characters are bytes. */
export function headerField(name: string, value: string): HeaderField {
  const isPlain = PLAIN_NAME.test(name) && PLAIN_VALUE.test(value);
  return { name, value, size: name.length + value.length + FIELD_BYTES, isPlain };
}

/** The names and the values of fields, in turn. */
export function listOf(fields: readonly HeaderField[]): string[] {
  return fields.flatMap(({ name, value }) => [name, value]);
}
