import type { JsonValue } from "@bufbuild/protobuf";
import { stringify } from "yaml";
import { plainDocument } from "../server/plain-text.ts";

/** Forms of a document. */
export const DOCUMENT_FORMS = ["yaml", "json"] as const;

/** One of them. */
export type DocumentForm = (typeof DOCUMENT_FORMS)[number];

/** A value as a document that ends with a newline. What could move a terminal's cursor is escaped. */
export function documentText(form: DocumentForm, value: JsonValue): string {
  if (form === "json") return `${jsonText(value, 2)}\n`;
  const text = stringify(value, { lineWidth: 0 });
  // Escapes are known in YAML's double quotes alone.
  return plainDocument(text) === text
    ? text
    : plainDocument(stringify(value, { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE" }));
}

/** A value as JSON, on one line where `indent` is 0. */
export function jsonText(value: JsonValue, indent: number): string {
  return plainDocument(JSON.stringify(value, undefined, indent));
}
