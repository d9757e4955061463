import { compareBytewise } from "../operation/bytewise.ts";
import { FilterFault } from "./filter-fault.ts";
import { type Kind, kindName } from "./kind.ts";
import { type Literal, literalOf, numberOf } from "./literal.ts";
import { millisecondsAt } from "./nanos.ts";
import { patternOf } from "./pattern.ts";
import type { Comparator, Word } from "./syntax.ts";

/** Whether a value of a field is what is asked for. */
export type Test = (value: unknown) => boolean;

/** `*`, alone and without quotes behind `:`, asks whether the field is there. */
export function asksForPresence(comparator: Comparator, { text, quoted }: Word): boolean {
  return comparator === ":" && text === "*" && !quoted;
}

/** What a comparison asks of a value of that kind. Throws a FilterFault where such values are not compared so. */
export function testOf(kind: Kind, comparator: Comparator, word: Word): Test {
  if (kind.is === "message" || kind.is === "bytes") {
    throw new FilterFault(
      word.at,
      `compares ${kindName(kind)} with a value; only field:* can be asked of it`,
    );
  }
  const isEquality = comparator === "=" || comparator === ":" || comparator === "!=";
  if (!isEquality && (kind.is === "enum" || kind.is === "bool")) {
    throw new FilterFault(
      word.at,
      `compares ${kindName(kind)} by ${comparator}; only = and != can be asked of it`,
    );
  }
  const literal = literalOf(word, kind);
  if (kind.is === "instant") return instantTest(comparator, literal as bigint);
  if (kind.is === "bool") return (value) => (value === literal) !== (comparator === "!=");
  if (kind.is === "json") return jsonTest(comparator, word);
  if (kind.is === "string") return stringTest(comparator, word);
  return ordered(comparator, (value) => compare(value as Literal, literal));
}

/** Whole milliseconds beside a time that may lie between two of them. */
function instantTest(comparator: Comparator, nanos: bigint): Test {
  const { upTo, from } = millisecondsAt(nanos);
  switch (comparator) {
    case "!=":
      return (value) => value !== upTo || value !== from;
    case "<":
      return (value) => (value as number) < from;
    case "<=":
      return (value) => (value as number) <= upTo;
    case ">":
      return (value) => (value as number) > upTo;
    case ">=":
      return (value) => (value as number) >= from;
    default:
      return (value) => value === upTo && value === from;
  }
}

function stringTest(comparator: Comparator, word: Word): Test {
  const pattern = patternOf(word);
  if (comparator === "!=") return (value) => !pattern.matches(value as string);
  if (comparator === "=" || comparator === ":") return (value) => pattern.matches(value as string);
  if (pattern.exact === undefined)
    throw new FilterFault(word.at, `has a * behind ${comparator}; only = and != know wildcards`);
  const { exact } = pattern;
  return ordered(comparator, (value) => compareBytewise(value as string, exact));
}

/** A JSON value is compared as what it is: a number with a number, all else as text. */
function jsonTest(comparator: Comparator, word: Word): Test {
  const ofText = stringTest(comparator, word);
  const number = numberOf(word.text);
  const ofNumber: Test =
    number === undefined
      ? () => comparator === "!="
      : ordered(comparator, (value) => compare(value as number, number));
  return (value) => {
    if (typeof value === "number") return ofNumber(value);
    return (typeof value === "string" || typeof value === "boolean") && ofText(String(value));
  };
}

function ordered(comparator: Comparator, order: (value: unknown) => number): Test {
  switch (comparator) {
    case "!=":
      return (value) => order(value) !== 0;
    case "<":
      return (value) => order(value) < 0;
    case "<=":
      return (value) => order(value) <= 0;
    case ">":
      return (value) => order(value) > 0;
    case ">=":
      return (value) => order(value) >= 0;
    default:
      return (value) => order(value) === 0;
  }
}

/** Numbers and bigints by their value; NaN is neither equal to anything, nor before or behind it. */
function compare(a: Literal, b: Literal): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return a >= b ? 0 : Number.NaN;
}
