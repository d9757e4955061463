import { invalidFilter } from "../operation/errors.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";
import type { Field } from "./field.ts";
import { FilterFault } from "./filter-fault.ts";
import { FILTER_LIMITS, type FilterLimits } from "./limits.ts";
import { type Needs, needsOf } from "./needs.ts";
import { type FilterTypes, operationField } from "./operation-field.ts";
import { parseFilter } from "./parse-filter.ts";
import { patternOf } from "./pattern.ts";
import { Subject } from "./subject.ts";
import type { Argument, Comparator, Expression, Restriction, Word } from "./syntax.ts";
import { asksForPresence, type Test, testOf } from "./test-of.ts";

/** Which operations a List asks for. Pure: it answers the same of the same operation for ever. */
export interface Filter {
  matches(stored: StoredOperation): boolean;
  /** What is so of all that match; where nothing is known of that, all must be looked at. */
  readonly needs?: Needs | undefined;
  /** For how many of its restrictions all of a text may have to be searched. None where nothing is said. */
  readonly searches?: number | undefined;
}

type Predicate = (subject: Subject) => boolean;

/**
 * What a filter asks for (AIP-160). Undefined for one that asks for everything.
 *
 * Throws INVALID_ARGUMENT for field `filter`, with the column, where it cannot be understood, names a field that no
 * operation has, or compares one with what is none of its values.
 */
export function compileFilter(
  text: string,
  types: FilterTypes,
  limits: FilterLimits = FILTER_LIMITS,
): Filter | undefined {
  try {
    const expression = parseFilter(text, limits);
    if (expression === undefined) return undefined;
    const predicate = predicateOf(expression, (restriction) => ofRestriction(restriction, types));
    // One for all operations, of which it looks at one after the other.
    let subject: Subject | undefined;
    const matches = (stored: StoredOperation) => {
      subject = subject?.turnTo(stored) ?? new Subject(stored);
      return predicate(subject);
    };
    const needs = needsOf(expression, types);
    return { matches, needs, searches: searchesIn(expression, limits.searches) };
  } catch (error) {
    if (error instanceof FilterFault) throw invalidFilter(text, error.message, error.at + 1);
    throw error;
  }
}

function predicateOf<Leaf>(expression: Expression<Leaf>, leaf: (leaf: Leaf) => Predicate): Predicate {
  switch (expression.kind) {
    case "leaf":
      return leaf(expression.leaf);
    case "not": {
      const part = predicateOf(expression.part, leaf);
      return (subject) => !part(subject);
    }
    case "and": {
      const parts = expression.parts.map((part) => predicateOf(part, leaf));
      return (subject) => {
        for (const part of parts) if (!part(subject)) return false;
        return true;
      };
    }
    case "or": {
      const parts = expression.parts.map((part) => predicateOf(part, leaf));
      return (subject) => {
        for (const part of parts) if (part(subject)) return true;
        return false;
      };
    }
  }
}

/** Counts the words that search, and refuses the first beyond the limit. */
function searchesIn(expression: Expression, most: number): number {
  let count = 0;
  for (const word of wordsIn(expression)) {
    if (patternOf(word).searches && ++count > most) {
      throw new FilterFault(word.at, `searches for text between two * more than ${most} times`);
    }
  }
  return count;
}

function* wordsIn<Leaf extends Restriction | Word>(expression: Expression<Leaf>): Iterable<Word> {
  if (expression.kind === "not") yield* wordsIn(expression.part);
  else if (expression.kind !== "leaf") for (const part of expression.parts) yield* wordsIn(part);
  else if ("text" in expression.leaf) yield expression.leaf;
  else if (isWord(expression.leaf.argument)) yield expression.leaf.argument;
  else yield* wordsIn(expression.leaf.argument.alternatives);
}

function ofRestriction({ path, comparator, argument }: Restriction, types: FilterTypes): Predicate {
  const fields = operationField(path, types);
  return isWord(argument)
    ? ofFields(fields, path, comparator, argument)
    : predicateOf(argument.alternatives, (word) => ofFields(fields, path, comparator, word));
}

function isWord(argument: Argument): argument is Word {
  return "text" in argument;
}

/** One of the types that have such a field is to fit; which one an operation has, only it knows. */
function ofFields(
  fields: readonly Field<Subject>[],
  path: readonly [Word, ...Word[]],
  comparator: Comparator,
  word: Word,
): Predicate {
  const predicates: Predicate[] = [];
  let fault: FilterFault | undefined;
  for (const field of fields) {
    try {
      predicates.push(ofField(field, path, comparator, word));
    } catch (error) {
      if (!(error instanceof FilterFault)) throw error;
      fault ??= error;
    }
  }
  if (predicates.length === 0 && fault !== undefined) throw fault;
  const [only] = predicates;
  if (predicates.length === 1 && only !== undefined) return only;
  return (subject) => predicates.some((predicate) => predicate(subject));
}

function ofField(
  { kind, many, implicit, read }: Field<Subject>,
  path: readonly [Word, ...Word[]],
  comparator: Comparator,
  word: Word,
): Predicate {
  const test: Test = asksForPresence(comparator, word)
    ? implicit
      ? isNoDefault
      : isSet
    : testOf(kind, comparator, word);
  if (!many && test === isSet) return (subject) => read(subject) !== undefined;
  if (!many) {
    // What is not set has no value to compare, not even by !=.
    return (subject) => {
      const value = read(subject);
      return value !== undefined && test(value);
    };
  }
  if (comparator !== ":" && kind.is !== "json") {
    const name = path.map(({ text }) => text).join(".");
    throw new FilterFault(
      path[0].at,
      `compares ${name}, which has many values, by ${comparator}; only : can be asked of it`,
    );
  }
  return (subject) => {
    const values = read(subject);
    return Array.isArray(values) && values.some(test);
  };
}

const isSet: Test = () => true;

/** Of a field that cannot tell whether it is set. */
const isNoDefault: Test = (value) =>
  value instanceof Uint8Array ? value.length > 0 : ![0, 0n, "", false].some((none) => none === value);
