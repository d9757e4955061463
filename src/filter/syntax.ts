/** What compares: the operators of AIP-160. `:` is has, or equals on what has one value. */
export type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":";

/** A part of a filter's text: where it begins (0 is the first character), and what it says. */
export interface Word {
  readonly text: string;
  readonly at: number;
  /** Whether it stood in quotes. Escapes are kept in `text` as `\*` where they matter to a comparison. */
  readonly quoted: boolean;
}

/** What a field is compared with. */
export type Argument = Word | { readonly alternatives: Expression<Word>; readonly at: number };

/** A field, named by its path, and what is asked of it. */
export interface Restriction {
  readonly path: readonly [Word, ...Word[]];
  readonly comparator: Comparator;
  readonly argument: Argument;
}

/** A filter as it was written, with AND for what only white space joins. */
export type Expression<Leaf = Restriction> =
  | { readonly kind: "and" | "or"; readonly parts: readonly Expression<Leaf>[] }
  | { readonly kind: "not"; readonly part: Expression<Leaf> }
  | { readonly kind: "leaf"; readonly leaf: Leaf };
