import { decodeText } from "./percent-decoding.ts";

/** One segment of a template: text that must be there, `*` for one segment, or `**` for any number of them. */
export type TemplateSegment =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "one" }
  | { readonly kind: "rest" };

/** A part of the path that a request field gets: the segments from `start` to before `end`. */
export interface PathVariable {
  /** The names of the field and of the fields around it, outermost first. */
  readonly fieldPath: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** A path template of google/api/http.proto, read. */
export interface PathTemplate {
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  readonly variables: readonly PathVariable[];
  /** What stands behind the last colon; undefined where the template has no verb. */
  readonly verb: string | undefined;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A literal without what the grammar gives a meaning to, and without what no path can have. */
const LITERAL = /^(?:%[0-9A-Fa-f]{2}|[^\s/{}=*:?#%])+$/;

/**
 * Reads a path template by the grammar of google/api/http.proto. Beyond it, `**` may stand before the end, once
 * in a template, because Google's own clients have such templates. Throws a SyntaxError that says what is wrong.
 */
export function parsePathTemplate(text: string): PathTemplate {
  const fault = (what: string) => new SyntaxError(`path template ${JSON.stringify(text)} ${what}`);
  if (!text.startsWith("/")) throw fault("does not start with a slash");
  const segments: TemplateSegment[] = [];
  const variables: PathVariable[] = [];
  const [path, verb] = splitVerb(text.slice(1));
  if (verb !== undefined && !LITERAL.test(verb)) throw fault(`has the verb ${JSON.stringify(verb)}`);

  const readSegment = (part: string) => {
    if (part === "*") segments.push({ kind: "one" });
    else if (part === "**") segments.push({ kind: "rest" });
    else if (LITERAL.test(part)) segments.push({ kind: "literal", text: decodedLiteral(part, fault) });
    else throw fault(part === "" ? "has an empty segment" : `has the segment ${JSON.stringify(part)}`);
  };
  for (const part of splitOutsideBraces(path)) {
    if (!part.startsWith("{")) {
      readSegment(part);
      continue;
    }
    if (!part.endsWith("}")) throw fault(`has the segment ${JSON.stringify(part)}`);
    const [name, pattern = "*"] = splitOnce(part.slice(1, -1), "=");
    const fieldPath = name.split(".");
    if (!fieldPath.every((field) => IDENTIFIER.test(field))) {
      throw fault(`has the field ${JSON.stringify(name)}`);
    }
    const start = segments.length;
    for (const inner of pattern.split("/")) readSegment(inner);
    variables.push({ fieldPath, start, end: segments.length });
  }
  if (segments.filter(({ kind }) => kind === "rest").length > 1) throw fault("has more than one **");
  const names = variables.map(({ fieldPath }) => fieldPath.join("."));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw fault(`has the field ${JSON.stringify(twice)} twice`);
  return { text, segments, variables, verb: verb === undefined ? undefined : decodedLiteral(verb, fault) };
}

/** Whether a variable stands for exactly one segment, and is so decoded whole (RFC 6570 §3.2.2). */
export function isSingleSegment(template: PathTemplate, variable: PathVariable): boolean {
  return variable.end - variable.start === 1 && template.segments[variable.start]?.kind !== "rest";
}

function decodedLiteral(text: string, fault: (what: string) => SyntaxError): string {
  const decoded = decodeText(text);
  if (decoded === undefined)
    throw fault(`has ${JSON.stringify(text)}, which is no percent-encoding of UTF-8`);
  return decoded;
}

/** The path, and what follows the colon of its last segment. A colon within braces is none. */
function splitVerb(text: string): readonly [path: string, verb: string | undefined] {
  const colon = text.lastIndexOf(":");
  if (colon < 0 || colon < text.lastIndexOf("/") || colon < text.lastIndexOf("}")) return [text, undefined];
  return [text.slice(0, colon), text.slice(colon + 1)];
}

/** The parts between slashes, and each pair of braces in one piece. */
function splitOutsideBraces(path: string): string[] {
  const parts = [""];
  let open = 0;
  for (const char of path) {
    if (char === "/" && open === 0) {
      parts.push("");
      continue;
    }
    if (char === "{") open += 1;
    if (char === "}") open -= 1;
    parts.push(`${parts.pop()}${char}`);
  }
  return parts;
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
