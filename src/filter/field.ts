import type { Kind } from "./kind.ts";

/** What a path leads to in a message or an operation. */
export interface Field<From> {
  readonly kind: Kind;
  /** Whether it has any number of values, of which one is to match: a repeated field, the keys of a map, or what is below such. */
  readonly many: boolean;
  /** Whether its default is as none, as that of a proto3 scalar is which cannot tell whether it is set. */
  readonly implicit: boolean;
  /** Its value, or all of them where it has many; undefined where it, or a message on the way to it, is not set. */
  read(from: From): unknown;
}

/** A field with one step before it: `read` of what `step` answers. */
export function below<From, Step>(step: (from: From) => Step | undefined, field: Field<Step>): Field<From> {
  const { kind, many, implicit } = field;
  if (field.read === itself) return { kind, many, implicit, read: step };
  const read = (from: From) => {
    const next = step(from);
    return next === undefined ? undefined : field.read(next);
  };
  return { kind, many, implicit, read };
}

/** Reads what is no message as what it is. One for all, so that there is no step where there is nothing to read. */
export const itself = (value: unknown): unknown => value;

/** A field that has one value, and tells whether it is set. */
export function single<From>(kind: Kind, read: (from: From) => unknown): Field<From> {
  return { kind, many: false, implicit: false, read };
}

/** A field of each of many: all their values. */
export function belowEach<From, Step>(
  steps: (from: From) => Iterable<Step>,
  field: Field<Step>,
): Field<From> {
  const read = (from: From) => {
    const values: unknown[] = [];
    for (const step of steps(from)) {
      const value = field.read(step);
      if (field.many && Array.isArray(value)) values.push(...value);
      else if (value !== undefined) values.push(value);
    }
    return values;
  };
  return { kind: field.kind, many: true, implicit: false, read };
}
