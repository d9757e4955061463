import { decodeFormText } from "./percent-decoding.ts";
import { malformedEncoding } from "./refusal.ts";

/** One `name=value` of a query, decoded. */
export type Parameter = readonly [name: string, value: string];

/** The parameters of a query, in its order. Empty ones, as of a bare `?`, are none. Refuses malformed encoding. */
export function parseQuery(query: string): Parameter[] {
  if (query === "") return [];
  const parameters: Parameter[] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = decodeFormText(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? "" : decodeFormText(part.slice(equals + 1));
    if (name === undefined || value === undefined) throw malformedEncoding("query", part);
    parameters.push([name, value]);
  }
  return parameters;
}
