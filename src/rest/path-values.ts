import type { Binding, PathField } from "./binding.ts";
import { decodeSegments, decodeText } from "./percent-decoding.ts";
import { malformedEncoding } from "./refusal.ts";

/** A field of the request, and what the path says of it. */
export interface PathValue {
  readonly field: PathField;
  readonly text: string;
}

/** What the segments of a path say of the fields of a binding. Refuses malformed encoding. */
export function pathValues({ template, pathFields }: Binding, segments: readonly string[]): PathValue[] {
  const rest = template.segments.findIndex(({ kind }) => kind === "rest");
  const grown = segments.length - template.segments.length;
  // What stands behind `**` moves by as much as `**` has taken beyond one segment.
  const place = (index: number) => (rest >= 0 && index > rest ? index + grown : index);
  return pathFields.map((field) => {
    const raw = segments.slice(place(field.start), place(field.end)).join("/");
    // A path of HTTP is ASCII. Node hands on what else was sent, as Latin-1.
    const ascii = /^[\x21-\x7e]*$/.test(raw);
    const text = ascii ? (field.single ? decodeText(raw) : decodeSegments(raw)) : undefined;
    if (text === undefined) throw malformedEncoding("path", raw);
    return { field, text };
  });
}
