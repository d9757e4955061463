import { FilterFault } from "./filter-fault.ts";
import { FILTER_LIMITS, type FilterLimits } from "./limits.ts";
import { Scanner } from "./scanner.ts";
import type { Argument, Expression, Restriction, Word } from "./syntax.ts";

/**
 * Reads a filter (AIP-160). OR binds tighter than AND, and white space alone is AND. Undefined for a filter that
 * asks for nothing. Throws a FilterFault that tells what is wrong, and where.
 */
export function parseFilter(text: string, limits: FilterLimits = FILTER_LIMITS): Expression | undefined {
  if (text.length > limits.length) {
    throw new FilterFault(limits.length, `is longer than ${limits.length} characters`);
  }
  return new Parser(new Scanner(text), limits).parse();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #limits: FilterLimits;
  #depth = 0;
  #terms = 0;

  constructor(scanner: Scanner, limits: FilterLimits) {
    this.#scanner = scanner;
    this.#limits = limits;
  }

  parse(): Expression | undefined {
    this.#scanner.space();
    if (this.#scanner.atEnd) return undefined;
    const expression = this.#expression(() => this.#restriction());
    if (!this.#scanner.atEnd) throw this.#unexpected("the end, or another restriction");
    return expression;
  }

  /** Sequences joined by AND, of factors joined by white space, of terms joined by OR. */
  #expression<Leaf>(leaf: () => Leaf): Expression<Leaf> {
    const scanner = this.#scanner;
    const parts: Expression<Leaf>[] = [this.#factor(leaf)];
    for (;;) {
      scanner.space();
      if (scanner.atEnd || scanner.sees(")")) return joined("and", parts);
      if (scanner.takesKeyword("AND")) scanner.space();
      else if (scanner.seesKeyword("OR")) throw this.#unexpected("a restriction");
      else if (scanner.sees(",")) throw this.#unexpected("AND, OR or the end");
      parts.push(this.#factor(leaf));
    }
  }

  #factor<Leaf>(leaf: () => Leaf): Expression<Leaf> {
    const parts = [this.#term(leaf)];
    for (;;) {
      this.#scanner.space();
      if (!this.#scanner.takesKeyword("OR")) return joined("or", parts);
      this.#scanner.space();
      parts.push(this.#term(leaf));
    }
  }

  #term<Leaf>(leaf: () => Leaf): Expression<Leaf> {
    const scanner = this.#scanner;
    const at = scanner.at;
    if (scanner.takesKeyword("NOT") || (!scanner.seesNegative() && scanner.takes("-"))) {
      return this.#within(at, () => {
        scanner.space();
        return { kind: "not", part: this.#simple(leaf) };
      });
    }
    return this.#simple(leaf);
  }

  #simple<Leaf>(leaf: () => Leaf): Expression<Leaf> {
    const scanner = this.#scanner;
    const at = scanner.at;
    if (!scanner.takes("(")) {
      if (++this.#terms > this.#limits.terms) {
        throw new FilterFault(at, `has more than ${this.#limits.terms} restrictions`);
      }
      return { kind: "leaf", leaf: leaf() };
    }
    return this.#within(at, () => {
      scanner.space();
      const inner = this.#expression(leaf);
      scanner.space();
      if (!scanner.takes(")")) throw this.#unexpected('")"');
      return inner;
    });
  }

  #restriction(): Restriction {
    const scanner = this.#scanner;
    const path = this.#path();
    const [first] = path;
    if (scanner.sees("("))
      throw new FilterFault(first.at, `calls a function, ${nameOf(path)}, and there is none`);
    scanner.space();
    const comparator = scanner.comparator();
    if (comparator === undefined) {
      // AIP-160 lets a literal alone match whatever a service sees fit; here no field is searched by itself.
      const fault = `has ${first.quoted ? `"${first.text}"` : nameOf(path)} alone; compare a field with it, as in field = value`;
      throw new FilterFault(first.at, fault);
    }
    scanner.space();
    return { path, comparator, argument: this.#argument() };
  }

  #path(): readonly [Word, ...Word[]] {
    const scanner = this.#scanner;
    const first = scanner.name();
    if (first === undefined) throw this.#unexpected("the name of a field");
    const path: [Word, ...Word[]] = [first];
    while (scanner.takes(".")) {
      const next = scanner.name();
      if (next === undefined) throw this.#unexpected("the name of a field");
      path.push(next);
      if (path.length > this.#limits.path) {
        throw new FilterFault(first.at, `has a path of more than ${this.#limits.path} fields`);
      }
    }
    return path;
  }

  #argument(): Argument {
    const scanner = this.#scanner;
    const at = scanner.at;
    if (!scanner.takes("(")) return this.#value();
    return this.#within(at, () => {
      scanner.space();
      const alternatives = this.#expression(() => this.#value());
      if (!scanner.takes(")")) throw this.#unexpected('")"');
      return { alternatives, at };
    });
  }

  #value(): Word {
    const value = this.#scanner.value();
    if (value === undefined) throw this.#unexpected("a value");
    if (!value.quoted && this.#scanner.sees("(")) {
      throw new FilterFault(value.at, `calls a function, ${value.text}, and there is none`);
    }
    return value;
  }

  /** Counts how deep it goes: so no text can exhaust the stack. */
  #within<T>(at: number, inner: () => T): T {
    if (++this.#depth > this.#limits.depth) {
      throw new FilterFault(at, `is nested more than ${this.#limits.depth} levels deep`);
    }
    const result = inner();
    this.#depth--;
    return result;
  }

  #unexpected(expected: string): FilterFault {
    const { at } = this.#scanner;
    return new FilterFault(at, `has ${this.#scanner.next()} where ${expected} should be`);
  }
}

function joined<Leaf>(kind: "and" | "or", parts: readonly Expression<Leaf>[]): Expression<Leaf> {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

function nameOf(path: readonly Word[]): string {
  return path.map(({ text }) => text).join(".");
}
