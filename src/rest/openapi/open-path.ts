import type { JsonObject } from "@bufbuild/protobuf";
import type { Binding, PathField } from "../binding.ts";

/** A path as OpenAPI writes it, where each variable is one segment. */
export interface OpenPath {
  /** `/v1/things/{thing}:check`. */
  readonly path: string;
  /** The same without the variables' names, by which OpenAPI tells paths apart. */
  readonly shape: string;
  readonly parameters: readonly JsonObject[];
}

/**
 * The path of a binding for OpenAPI. A variable of several segments becomes one parameter for each wildcard in
 * it; OpenAPI has no way to say that the one of `**` may have slashes, so that its description says it.
 */
export function openPathOf({ template, pathFields }: Binding): OpenPath {
  const taken = new Set<string>();
  const parameters: JsonObject[] = [];
  const parts = template.segments.map((segment, i) => {
    if (segment.kind === "literal") return encodeURIComponent(segment.text);
    const before = template.segments[i - 1];
    const field = pathFields.find(({ start, end }) => start <= i && i < end);
    const wanted = nameOf(field, before?.kind === "literal" ? before.text : undefined);
    let name = wanted;
    for (let count = 2; taken.has(name); count += 1) name = `${wanted}${count}`;
    taken.add(name);
    const slashes = segment.kind === "rest" ? " It may have slashes." : "";
    const description =
      field === undefined
        ? "Any text."
        : field.single
          ? `The field ${field.name}.`
          : `A part of the field ${field.name}.`;
    parameters.push({
      ...{ name, in: "path", required: true, description: description + slashes },
      schema: { type: "string" },
    });
    return `{${name}}`;
  });
  const verb = template.verb === undefined ? "" : `:${encodeURIComponent(template.verb)}`;
  const path = `/${parts.join("/")}${verb}`;
  return { path, shape: path.replace(/\{[^}]*\}/g, "{}"), parameters };
}

/** The collection's name in the singular, as `thing` of `things/*`, or else the field's. */
function nameOf(field: PathField | undefined, collection: string | undefined): string {
  if (field?.single === true) return field.name;
  if (collection !== undefined && /^[A-Za-z][A-Za-z0-9_]*[^s]s$/.test(collection)) {
    return collection.endsWith("ies") ? `${collection.slice(0, -3)}y` : collection.slice(0, -1);
  }
  return field?.name ?? "segment";
}
