/** A text without its percent-encoding; undefined where that is malformed, or encodes no UTF-8. */
export function decodeText(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/**
 * The value of a variable of several segments: as `decodeText`, but an encoded slash stays as it is, because it
 * is no slash between segments (google/api/http.proto).
 */
export function decodeSegments(text: string): string | undefined {
  if (!text.includes("%")) return text;
  let decoded = "";
  for (const part of text.split(/(%2F)/i)) {
    const piece = part.toUpperCase() === "%2F" ? part : decodeText(part);
    if (piece === undefined) return undefined;
    decoded += piece;
  }
  return decoded;
}

/** A part of a query without its encoding, that of HTML's forms: `+` is a space. Undefined where it is malformed. */
export function decodeFormText(text: string): string | undefined {
  return decodeText(text.replaceAll("+", " "));
}
