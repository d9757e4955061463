import type { ListCondition } from "../operation/list-condition.ts";
import { listedTypeOf } from "../operation/metadata-type.ts";
import type { TimeRange } from "../operation/operation-range.ts";
import { literalOf } from "./literal.ts";
import { messageField } from "./message-field.ts";
import { millisecondsAt } from "./nanos.ts";
import type { FilterTypes } from "./operation-field.ts";
import { type Pattern, patternOf } from "./pattern.ts";
import type { Comparator, Expression, Restriction, Word } from "./syntax.ts";
import { asksForPresence } from "./test-of.ts";

/** What is so of every operation that a filter matches, as far as a store may find operations by it. */
export interface Needs {
  /** Its name. */
  readonly name?: string | undefined;
  /** A condition that it meets. */
  readonly only?: Exclude<ListCondition, { readonly by: "principal" }> | undefined;
  /** Its name begins so; longer than "". */
  readonly namePrefix?: string | undefined;
  /** It expires between these times. */
  readonly expires?: TimeRange | undefined;
  /** It ended between these times. */
  readonly ended?: TimeRange | undefined;
  /** It was created then or later, in milliseconds since the epoch. */
  readonly createdFromMs?: number | undefined;
  /** It was created then or earlier, in milliseconds since the epoch. */
  readonly createdUntilMs?: number | undefined;
}

/** A restriction that compares with one word. */
type Comparison = Restriction & { readonly argument: Word };

/** What every match of an expression needs: what can be told from each of the parts that AND joins. */
export function needsOf(expression: Expression, types: FilterTypes): Needs {
  return partsOf(expression)
    .map((part) => needsOfPart(part, types))
    .reduce(bothOf, {});
}

function partsOf(expression: Expression): readonly Expression[] {
  return expression.kind === "and" ? expression.parts.flatMap(partsOf) : [expression];
}

function needsOfPart(part: Expression, types: FilterTypes): Needs {
  if (part.kind === "not" && part.part.kind === "leaf") {
    return needsRunning(part.part.leaf, true) ? RUNNING : {};
  }
  if (part.kind !== "leaf" || !isComparison(part.leaf)) return {};
  const { path, comparator, argument } = part.leaf;
  const [{ text }, ...rest] = path;
  if (text === "metadata") return ofType(typeIn(part.leaf, rest, types));
  if (rest.length > 0 || asksForPresence(comparator, argument)) return {};
  if (text === "create_time") {
    const { fromMs, untilMs } = timesOf(comparator, argument);
    return { createdFromMs: fromMs, createdUntilMs: untilMs };
  }
  if (text === "end_time") {
    const times = timesOf(comparator, argument);
    // What has ended was created before.
    return { createdUntilMs: times.untilMs, ended: someOf(times) };
  }
  if (text === "expire_time") return { expires: someOf(timesOf(comparator, argument)) };
  if (needsRunning(part.leaf, false)) return RUNNING;
  return text === "name" && isEquality(comparator) ? named(patternOf(argument)) : {};
}

function named({ exact, start }: Pattern): Needs {
  return exact !== undefined ? { name: exact } : { namePrefix: start === "" ? undefined : start };
}

const RUNNING: Needs = { only: { by: "done", value: false } };

/** Whether a restriction, or what is not so of it, asks for what runs. An operation always tells whether it is done. */
function needsRunning(leaf: Restriction, negated: boolean): boolean {
  if (!isComparison(leaf) || leaf.path.length > 1 || leaf.path[0].text !== "done") return false;
  const { comparator, argument } = leaf;
  const asksForDone =
    asksForPresence(comparator, argument) || (comparator === "!=") === (argument.text === "false");
  return asksForDone === negated;
}

/** The type that metadata is of wherever a restriction of it holds; undefined where it may be of several. */
function typeIn({ comparator, argument }: Comparison, path: readonly Word[], types: FilterTypes) {
  const [first] = path;
  if (first === undefined) return undefined;
  if (first.text === "@type" && path.length === 1) {
    if (!isEquality(comparator) || asksForPresence(comparator, argument)) return undefined;
    const { exact, end } = patternOf(argument);
    return exact !== undefined || end.includes("/") ? listedTypeOf(end) : undefined;
  }
  // What is not set matches nothing: so what matches is of a type that has such a field.
  const [only, ...others] = types.metadata.filter((type) => messageField(type, path) !== undefined);
  return only === undefined || others.length > 0 ? undefined : listedTypeOf(only.typeName);
}

function ofType(value: string | undefined): Needs {
  return value === undefined ? {} : { only: { by: "metadataType", value } };
}

function timesOf(comparator: Comparator, word: Word): TimeRange {
  // A time is a bigint of nanoseconds.
  const { upTo, from } = millisecondsAt(literalOf(word, { is: "instant" }) as bigint);
  switch (comparator) {
    case ">=":
      return { fromMs: from };
    case ">":
      return { fromMs: upTo + 1 };
    case "<=":
      return { untilMs: upTo };
    case "<":
      return { untilMs: from - 1 };
    case "!=":
      return {};
    default:
      return { fromMs: from, untilMs: upTo };
  }
}

/** Undefined for what may be at any time. */
function someOf(times: TimeRange): TimeRange | undefined {
  return times.fromMs === undefined && times.untilMs === undefined ? undefined : times;
}

/** The times that are in both. */
function sharedBy(a: TimeRange | undefined, b: TimeRange | undefined): TimeRange | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    fromMs: extreme(Math.max, a.fromMs, b.fromMs),
    untilMs: extreme(Math.min, a.untilMs, b.untilMs),
  };
}

/** What two parts need together. Of two conditions one is left, of what runs and a type the former: less runs. */
function bothOf(a: Needs, b: Needs): Needs {
  return {
    name: a.name ?? b.name,
    only: b.only?.by === "done" ? b.only : (a.only ?? b.only),
    namePrefix: longer(a.namePrefix, b.namePrefix),
    expires: sharedBy(a.expires, b.expires),
    ended: sharedBy(a.ended, b.ended),
    createdFromMs: extreme(Math.max, a.createdFromMs, b.createdFromMs),
    createdUntilMs: extreme(Math.min, a.createdUntilMs, b.createdUntilMs),
  };
}

function longer(a: string | undefined, b: string | undefined): string | undefined {
  return (a?.length ?? 0) >= (b?.length ?? 0) ? a : b;
}

function extreme(of: (a: number, b: number) => number, a: number | undefined, b: number | undefined) {
  return a === undefined || b === undefined ? (a ?? b) : of(a, b);
}

function isComparison(leaf: Restriction): leaf is Comparison {
  return "text" in leaf.argument;
}

function isEquality(comparator: Comparator): boolean {
  return comparator === "=" || comparator === ":";
}
