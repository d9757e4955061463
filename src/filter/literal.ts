import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { FilterFault } from "./filter-fault.ts";
import { type Kind, kindName } from "./kind.ts";
import { nanosOf } from "./nanos.ts";
import type { Word } from "./syntax.ts";

/** What a field's value is compared with. */
export type Literal = string | number | bigint | boolean;

const INTEGER = /^-?\d{1,20}$/;
const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const DURATION = /^(-?)(\d{1,12})(?:\.(\d{1,9}))?s$/;
const TIME =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.(\d{1,9}))?([Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** A word as a value of that kind. Throws a FilterFault where it is none. */
export function literalOf(word: Word, kind: Kind): Literal {
  const value = literal(word.text, kind);
  if (value === undefined)
    throw new FilterFault(word.at, `has ${JSON.stringify(word.text)} where ${expected(kind)} should be`);
  return value;
}

function expected(kind: Kind): string {
  return kind.is === "enum"
    ? `${kindName(kind)} (${kind.desc.values.map(({ name }) => name).join(", ")})`
    : kindName(kind);
}

function literal(text: string, kind: Kind): Literal | undefined {
  switch (kind.is) {
    case "integer":
      return INTEGER.test(text) ? BigInt(text) : undefined;
    case "double":
      return numberOf(text);
    case "float": {
      // Protobuf-ES shows what 32 bits hold, which is not what was written.
      const number = numberOf(text);
      return number === undefined ? undefined : Math.fround(number);
    }
    case "bool":
      return text === "true" ? true : text === "false" ? false : undefined;
    case "time":
    case "instant":
      return timeOf(text);
    case "duration":
      return durationOf(text);
    case "enum":
      return kind.desc.values.find(({ name }) => name === text)?.number;
    case "string":
    case "json":
      return text;
    default:
      return undefined;
  }
}

/** What a text says as a number; undefined where it says none. */
export function numberOf(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** RFC 3339, with an offset and up to nine digits of a second. */
function timeOf(text: string): bigint | undefined {
  const [, whole, fraction = "", offset = ""] = TIME.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const date = new Date(`${whole}${offset.toUpperCase()}`.replace("t", "T"));
  // The 31st of February is a day that JavaScript moves on.
  const day = Number(whole.slice(8, 10));
  const isDay =
    day <= new Date(Date.UTC(Number(whole.slice(0, 4)), Number(whole.slice(5, 7)), 0)).getUTCDate();
  if (!isDay || Number.isNaN(date.getTime())) return undefined;
  return nanosOf(timestampFromDate(date)) + BigInt(fraction.padEnd(9, "0"));
}

function durationOf(text: string): bigint | undefined {
  const [, sign, seconds, fraction = ""] = DURATION.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const nanos = nanosOf({ seconds: BigInt(seconds), nanos: Number(fraction.padEnd(9, "0")) });
  return sign === "-" ? -nanos : nanos;
}
