import { FilterFault } from "./filter-fault.ts";
import type { Comparator, Word } from "./syntax.ts";

const SPACE = /[ \t\r\n]+/y;
/** A name or a value in the place of a field: a dot or a comparator ends it. */
const NAME = /[^ \t\r\n().,:<>=!"'\\]+/y;
/** A value behind a comparator: only white space, parentheses, a comma or quotes end it, so that times and URLs need none. */
const VALUE = /[^ \t\r\n(),"'<>=!\\]+/y;
/** What a number below zero begins with. */
const NEGATIVE = /-\.?\d/y;
const COMPARATOR = /<=|>=|!=|[<>=:]/y;

/** Reads a filter's text from left to right, one word at a time. */
export class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the next word begins. */
  get at(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** Passes over white space, and answers whether there was any. */
  space(): boolean {
    return this.#take(SPACE) !== undefined;
  }

  /** Whether this stands next. */
  sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Passes over this text, if it stands next. */
  takes(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** Passes over a keyword, if it stands next and is a word of its own. */
  takesKeyword(keyword: "AND" | "OR" | "NOT"): boolean {
    if (!this.seesKeyword(keyword)) return false;
    this.#at += keyword.length;
    return true;
  }

  seesKeyword(keyword: "AND" | "OR" | "NOT"): boolean {
    const next = this.#text[this.#at + keyword.length];
    return this.sees(keyword) && (next === undefined || /[\s()"'-]/.test(next));
  }

  /** Whether a number below zero stands next: its minus negates no restriction. */
  seesNegative(): boolean {
    NEGATIVE.lastIndex = this.#at;
    return NEGATIVE.test(this.#text);
  }

  comparator(): Comparator | undefined {
    return this.#take(COMPARATOR) as Comparator | undefined;
  }

  /** A field's name, or a string in its place. */
  name(): Word | undefined {
    return this.#quoted() ?? this.#word(NAME);
  }

  /** What a field is compared with. */
  value(): Word | undefined {
    return this.#quoted() ?? this.#word(VALUE);
  }

  /** What stands next, to tell of it. */
  next(): string {
    const [char = ""] = this.#text.slice(this.#at);
    return this.atEnd ? "the end" : `"${char}"`;
  }

  #word(pattern: RegExp): Word | undefined {
    const at = this.#at;
    const text = this.#take(pattern);
    return text === undefined ? undefined : { text, at, quoted: false };
  }

  /** A string in quotes of either kind. A backslash takes the next character as it is; `\*` is kept, for it is no wildcard. */
  #quoted(): Word | undefined {
    const quote = this.#text[this.#at];
    if (quote !== '"' && quote !== "'") return undefined;
    const at = this.#at;
    let text = "";
    for (let i = at + 1; i < this.#text.length; i++) {
      const char = this.#text[i];
      if (char === quote) {
        this.#at = i + 1;
        return { text, at, quoted: true };
      }
      if (char === "\\") {
        const escaped = this.#text[++i];
        if (escaped === undefined) break;
        text += escaped === "*" || escaped === "\\" ? `\\${escaped}` : escaped;
      } else {
        text += char;
      }
    }
    throw new FilterFault(at, `has a string that no ${quote} ends`);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}
