import type { PathTemplate, TemplateSegment } from "../../src/rest/path-template.ts";
import { decodeText } from "../../src/rest/percent-decoding.ts";

/** A template for an HTTP method. */
export interface NaiveRoute {
  readonly httpMethod: string;
  readonly template: PathTemplate;
}

/** The route of a path, or the HTTP methods that it has, or nothing: by looking at every route. */
export function naiveFind(
  routes: readonly NaiveRoute[],
  httpMethod: string,
  path: string,
): NaiveRoute | readonly string[] | undefined {
  const [, before = "", verb = ""] = /^(.*):([^/:]*)$/.exec(path) ?? [];
  const withVerb = routesOf(routes, before, decodeText(verb) ?? "");
  const candidates = withVerb.length > 0 && verb !== "" ? withVerb : routesOf(routes, path, undefined);
  if (candidates.length === 0) return undefined;
  const [first] = candidates
    .filter((route) => [httpMethod, "*"].includes(route.httpMethod))
    .sort(
      (a, b) => order(a.template, b.template) || Number(a.httpMethod === "*") - Number(b.httpMethod === "*"),
    );
  return first ?? [...new Set(candidates.map((route) => route.httpMethod))].sort();
}

function routesOf(routes: readonly NaiveRoute[], path: string, verb: string | undefined): NaiveRoute[] {
  return routes.filter(({ template }) => template.verb === verb && isMatch(template.segments, path.slice(1)));
}

function isMatch(template: readonly TemplateSegment[], path: string): boolean {
  const segments = path.split("/");
  if (segments.includes("")) return false;
  const [rest] = template.flatMap(({ kind }, i) => (kind === "rest" ? [i] : []));
  const taken = segments.length - template.length + 1;
  if (rest === undefined ? taken !== 1 : taken < 0) return false;
  const parts =
    rest === undefined ? segments : [...segments.slice(0, rest), "", ...segments.slice(rest + taken)];
  return template.every(({ kind, ...more }, i) => {
    return kind !== "literal" || ("text" in more && decodeText(parts[i] ?? "") === more.text);
  });
}

/** Text before `*`, `*` before `**`, from the left; and behind `**`, what is longer first. */
function order(a: PathTemplate, b: PathTemplate): number {
  const weights = { literal: 0, one: 1, rest: 2 } as const;
  for (let i = 0; i < Math.max(a.segments.length, b.segments.length); i += 1) {
    const [kindA, kindB] = [a.segments[i]?.kind, b.segments[i]?.kind];
    const difference =
      (kindA === undefined ? -1 : weights[kindA]) - (kindB === undefined ? -1 : weights[kindB]);
    if (difference !== 0) return difference;
    if (kindA === "rest" && a.segments.length !== b.segments.length)
      return b.segments.length - a.segments.length;
  }
  return 0;
}
