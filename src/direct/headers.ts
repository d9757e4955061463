import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

/** Headers as Node has them, one after the other. HTTP/2's own (`:path`) are left out. */
export function* valuesOf(given: IncomingHttpHeaders): Iterable<[name: string, value: string]> {
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith(":") || value === undefined) continue;
    for (const one of typeof value === "string" ? [value] : value) yield [name, one];
  }
}

/** Headers as the web has them, as Node sends them: several of one name (`set-cookie`) stay several. */
export function nodeHeaders(given: Headers): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const [name, value] of given) {
    const known = headers[name];
    if (known === undefined) headers[name] = value;
    else headers[name] = [...(typeof known === "string" ? [known] : known), value];
  }
  return headers;
}

/** What HTTP/2 has no headers for (RFC 9113, section 8.2.2). */
const OF_CONNECTIONS = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
  "te",
  "host",
];

/** Whether an answer of HTTP/2 can say them all. */
export function areForHttp2(headers: Headers | undefined): boolean {
  return headers === undefined || !OF_CONNECTIONS.some((name) => headers.has(name));
}
