import type { IncomingHttpHeaders } from "node:http2";
import type { HeaderField } from "./header-field.ts";

/** The headers of a request that nobody looks at twice. Requests with the same headers may share it: it is not changed. */
export interface RequestHead {
  /** By name, `:path` and its like too. */
  readonly given: Readonly<IncomingHttpHeaders>;
  /** Names and values in turn, as they came. */
  readonly list: readonly string[];
}

/** The most fields that node:http2 takes. */
const MOST_FIELDS = 128;

/** Fields of HTTP/1 that HTTP/2 has no use for (RFC 9113, section 8.2.2). */
const OF_HTTP1 = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
]);

/**
 * The headers of a request by HTTP's rules; undefined where there is anything to be said about them: a field that is not
 * plain, one that comes twice, one that HTTP/2 does not have. What is to be made of those is node:http2's to say.
 */
export function plainHead(fields: readonly HeaderField[]): RequestHead | undefined {
  if (fields.length > MOST_FIELDS) return undefined;
  const given: IncomingHttpHeaders = Object.create(null);
  const list: string[] = [];
  let hasRegular = false;
  for (const { name, value, isPlain } of fields) {
    const isPseudo = name.startsWith(":");
    if (!isPlain || (isPseudo && hasRegular) || name in given) return undefined;
    if (isPseudo ? !isRequestPseudo(name) : OF_HTTP1.has(name)) return undefined;
    hasRegular ||= !isPseudo;
    given[name] = value;
    list.push(name, value);
  }
  const { ":method": method, ":path": path, ":scheme": scheme, te = "trailers" } = given;
  const isWhole = method !== undefined && path?.startsWith("/") && isHttp(scheme) && te === "trailers";
  return isWhole ? { given, list } : undefined;
}

function isRequestPseudo(name: string): boolean {
  return name === ":method" || name === ":path" || name === ":scheme" || name === ":authority";
}

function isHttp(scheme: string | undefined): boolean {
  return scheme === "http" || scheme === "https";
}
