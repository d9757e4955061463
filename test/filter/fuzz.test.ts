import { ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { expect, it } from "vitest";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { compileFilter } from "../../src/filter/filter.ts";
import { patternOf } from "../../src/filter/pattern.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";

const TYPES = { metadata: [OperationMetadataSchema], response: [] };

const operation = newStoredOperation({ name: "operations/a", parent: "", createTimeMs: 0 });

/** An expression whose answer is known, in the forms in which it may be written. */
type Known =
  | { readonly is: "true" | "false"; readonly text: string }
  | { readonly is: "not"; readonly part: Known; readonly sign: string }
  | {
      readonly is: "and" | "or";
      readonly parts: readonly Known[];
      readonly joint: string;
      readonly gap: string;
    };

const { known } = fc.letrec<{ known: Known }>((tie) => ({
  known: fc.oneof(
    { maxDepth: 4, depthSize: "small", withCrossShrink: true },
    fc.record({
      is: fc.constant("true" as const),
      text: fc.constantFrom(
        "done=false",
        "name : operations/*",
        'name="operations/a"',
        "NOT error:*",
        "create_time<=1970-01-01T00:00:00Z",
      ),
    }),
    fc.record({
      is: fc.constant("false" as const),
      text: fc.constantFrom("done=true", "name=b", "end_time:*", "metadata.message!=x"),
    }),
    fc.record({
      is: fc.constant("not" as const),
      part: tie("known"),
      sign: fc.constantFrom("NOT ", "-", "NOT"),
    }),
    fc.record({
      is: fc.constant("and" as const),
      parts: fc.array(tie("known"), { minLength: 2, maxLength: 3 }),
      joint: fc.constantFrom(" AND ", " ", "  AND\t"),
      gap: fc.constantFrom("", " "),
    }),
    fc.record({
      is: fc.constant("or" as const),
      parts: fc.array(tie("known"), { minLength: 2, maxLength: 3 }),
      joint: fc.constantFrom(" OR ", "\nOR  "),
      gap: fc.constantFrom("", " "),
    }),
  ),
}));

function written(expression: Known): string {
  switch (expression.is) {
    case "true":
    case "false":
      return expression.text;
    case "not":
      return `${expression.sign}(${written(expression.part)})`;
    default: {
      const { parts, joint, gap } = expression;
      // OR binds tighter: an AND within it needs parentheses, an OR within an AND needs none.
      const isLoose = (part: Known) => part.is === "and" && expression.is === "or";
      return parts
        .map((part) => (isLoose(part) ? `(${gap}${written(part)}${gap})` : written(part)))
        .join(joint);
    }
  }
}

function answerOf(expression: Known): boolean {
  switch (expression.is) {
    case "not":
      return !answerOf(expression.part);
    case "and":
      return expression.parts.every(answerOf);
    case "or":
      return expression.parts.some(answerOf);
    default:
      return expression.is === "true";
  }
}

it("a filter means what its words mean, however they are joined", () => {
  fc.assert(
    fc.property(known, (expression) => {
      const filter = compileFilter(written(expression), TYPES);
      expect([written(expression), filter?.matches(operation)]).toEqual([
        written(expression),
        answerOf(expression),
      ]);
    }),
    { numRuns: 2_000 },
  );
});

it("garbage is refused with INVALID_ARGUMENT, or is a filter", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "(",
      ")",
      "AND",
      "OR",
      "NOT",
      "-",
      " ",
      "=",
      ":",
      "!=",
      "<",
      ".",
      ",",
      '"',
      "'",
      "\\",
      "*",
      "@type",
    ),
    fc.constantFrom("done", "name", "metadata", "error", "code", "true", "1", "20s", "create_time"),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      try {
        compileFilter(pieces.join(""), TYPES)?.matches(operation);
      } catch (error) {
        if (!(error instanceof ConnectError)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});

it("a pattern of many stars takes no time", () => {
  const long = newStoredOperation({ name: `operations/${"a".repeat(60_000)}b`, parent: "", createTimeMs: 0 });
  const filter = compileFilter(`name="${"*a".repeat(2_000)}*c"`, TYPES);
  expect(filter?.matches(long)).toBe(false);
});

it("a pattern matches what a regular expression does", () => {
  const few = fc.string({ unit: fc.constantFrom("a", "a", "a", "b"), maxLength: 40 });
  const written = fc.string({ unit: fc.constantFrom("a", "aaaa", "aaaab", "*"), maxLength: 6 });
  fc.assert(
    fc.property(written, few, (text, value) => {
      const expected = new RegExp(`^${text.replaceAll("*", ".*")}$`).test(value);
      expect(patternOf({ text, at: 0, quoted: false }).matches(value)).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});
