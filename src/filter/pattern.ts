import type { Word } from "./syntax.ts";

/** A text to compare with: as it is, or with `*` for whatever stands there. Takes time linear in both. */
export interface Pattern {
  /** The text itself; undefined where it has a `*`. */
  readonly exact: string | undefined;
  /** What is before its first `*`: all of it where it has none. */
  readonly start: string;
  /** What is behind its last `*`: all of it where it has none. */
  readonly end: string;
  matches(text: string): boolean;
}

/** The text of a word. A `*` behind a backslash in a string is a star and no wildcard. */
export function patternOf({ text, quoted }: Word): Pattern {
  const parts = partsOf(text, quoted);
  const [first = ""] = parts;
  if (parts.length === 1) {
    return { exact: first, start: first, end: first, matches: (value) => value === first };
  }
  const last = parts.at(-1) ?? "";
  const between = parts.slice(1, -1);
  const matches = (value: string) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last))
      return false;
    const end = value.length - last.length;
    let at = first.length;
    // The first place for each part leaves the most for those behind it.
    for (const part of between) {
      const found = value.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
  return { exact: undefined, start: first, end: last, matches };
}

function partsOf(text: string, quoted: boolean): string[] {
  const parts = [""];
  for (let i = 0; i < text.length; i++) {
    const char = text[i] ?? "";
    if (char === "*") parts.push("");
    else parts.push((parts.pop() ?? "") + (quoted && char === "\\" ? (text[++i] ?? "") : char));
  }
  return parts;
}
