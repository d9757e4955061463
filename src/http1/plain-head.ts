import type { IncomingHttpHeaders } from "node:http";

/** The head of a request that nobody looks at twice. Requests with the same head share it: it is not changed. */
export interface PlainHead {
  readonly path: string;
  /** By name, in lower case. */
  readonly given: Readonly<IncomingHttpHeaders>;
  /** Names and values in turn, as they came. */
  readonly list: readonly string[];
  /** How many bytes the body has. */
  readonly length: number;
}

const REQUEST_LINE = /^POST (\/[\x21-\x7e]*) HTTP\/1\.1$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):([\t\x20-\x7e]*)$/;
/** As many fields as Node takes. */
const MOST_FIELDS = 1_000;
const LENGTH = /^\d{1,9}$/;

/**
 * Fields that say how the connection goes on, or that the request is more than its head and its body; and one that Node
 * loses, as it puts fields into a plain object.
 */
const UNUSUAL = [
  ...["transfer-encoding", "upgrade", "expect", "trailer", "keep-alive", "proxy-connection"],
  "__proto__",
];

/**
 * What the head of a request says, from its first line on and without the empty one; undefined where there is anything to be
 * said about it that Node is to say: another method or version, a field that comes twice or is not plain, a body whose
 * length is not known.
 */
export function plainHead(text: string): PlainHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const path = REQUEST_LINE.exec(first)?.[1];
  if (path === undefined || lines.length > MOST_FIELDS) return undefined;
  const given: IncomingHttpHeaders = Object.create(null);
  const list: string[] = [];
  for (const line of lines) {
    // Blanks around a value are cut by trim(): a pattern that allowed them twice would try all ways to share them out.
    const [, raw = "", padded = ""] = FIELD.exec(line) ?? [];
    const name = raw.toLowerCase();
    const value = padded.trim();
    if (name === "" || name in given || UNUSUAL.includes(name) || value.includes("\t")) return undefined;
    given[name] = value;
    list.push(raw, value);
  }
  const { host, connection = "keep-alive", "content-length": length = "" } = given;
  const isUsual = host !== undefined && connection.toLowerCase() === "keep-alive" && LENGTH.test(length);
  return isUsual ? { path, given, list, length: Number(length) } : undefined;
}
