import type { Word } from "./syntax.ts";

/** A text to compare with: as it is, or with `*` for whatever stands there. Takes time linear in both. */
export interface Pattern {
  /** The text itself; undefined where it has a `*`. */
  readonly exact: string | undefined;
  /** What is before its first `*`: all of it where it has none. */
  readonly start: string;
  /** What is behind its last `*`: all of it where it has none. */
  readonly end: string;
  /** Whether it has text between two `*`, for which all of a text may have to be searched. */
  readonly searches: boolean;
  matches(text: string): boolean;
}

/** The text of a word. A `*` behind a backslash in a string is a star and no wildcard. */
export function patternOf({ text, quoted }: Word): Pattern {
  const parts = partsOf(text, quoted);
  const [first = ""] = parts;
  if (parts.length === 1) {
    const matches = (value: string) => value === first;
    return { exact: first, start: first, end: first, searches: false, matches };
  }
  const last = parts.at(-1) ?? "";
  const between = parts
    .slice(1, -1)
    .filter((part) => part !== "")
    .map(endOfFirst);
  const matches = (value: string) => {
    if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last))
      return false;
    const end = value.length - last.length;
    let at = first.length;
    // The first place for each part leaves the most for those behind it.
    for (const findIn of between) {
      const found = findIn(value, at, end);
      if (found === undefined) return false;
      at = found;
    }
    return true;
  };
  return { exact: undefined, start: first, end: last, searches: between.length > 0, matches };
}

/** `indexOf` is quick for so short a text whatever it is searched in, and for a longer one can take two hundred times as long. */
const SHORT = 8;

/** What finds where the first place of a text in another ends, in time linear in both. */
function endOfFirst(text: string): (value: string, from: number, to: number) => number | undefined {
  const { length } = text;
  const head = text.slice(0, SHORT);
  const codes = Uint16Array.from({ length }, (_, i) => text.charCodeAt(i));
  const borders = bordersOf(codes);
  return (value, from, to) => {
    const at = value.indexOf(head, from);
    if (at < 0 || at + length > to) return undefined;
    if (length <= SHORT) return at + length;
    // By Knuth, Morris and Pratt from there on.
    let found = 0;
    for (let i = at; i < to; i++) {
      const code = value.charCodeAt(i);
      while (found > 0 && codes[found] !== code) found = borders[found - 1] ?? 0;
      if (codes[found] === code && ++found === length) return i + 1;
    }
    return undefined;
  };
}

/** How much of a text's beginning stands again at the end of each of its beginnings. */
function bordersOf(codes: Uint16Array): Uint16Array {
  const borders = new Uint16Array(codes.length);
  for (let i = 1, border = 0; i < codes.length; i++) {
    while (border > 0 && codes[border] !== codes[i]) border = borders[border - 1] ?? 0;
    if (codes[border] === codes[i]) border++;
    borders[i] = border;
  }
  return borders;
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
