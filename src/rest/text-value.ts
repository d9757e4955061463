import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";

/** What one value of a path or a query is of: a scalar, an enum, or a message that JSON writes as a string. */
export type TextType = Pick<DescField, "scalar" | "enum" | "message">;

/** Messages whose JSON is a string, which a query so can give in one parameter. */
const STRING_MESSAGES = new Set([
  "google.protobuf.Timestamp",
  "google.protobuf.Duration",
  "google.protobuf.FieldMask",
]);

/** Whether a message is given as one text. */
export function isTextMessage(message: DescMessage): boolean {
  return STRING_MESSAGES.has(message.typeName) || isWrapperDesc(message);
}

/** What the type is called in a refusal: `int32`, or the full name of an enum or a message. */
export function nameOfType({ scalar, enum: values, message }: TextType): string {
  if (scalar !== undefined) return ScalarType[scalar].toLowerCase();
  return values?.typeName ?? message?.typeName ?? "";
}

const INTEGER = /^-?\d+$/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$|^(?:NaN|-?Infinity)$/;
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** A text as the JSON of that type; undefined where it is none. Whether it is in range, JSON's reader says. */
export function jsonOfText(type: TextType, text: string): JsonValue | undefined {
  if (type.enum !== undefined) {
    if (INTEGER.test(text)) return Number(text);
    return type.enum.values.some(({ name }) => name === text) ? text : undefined;
  }
  if (type.message !== undefined) {
    const wrapped = isWrapperDesc(type.message) ? type.message.fields[0] : undefined;
    return wrapped === undefined ? text : jsonOfText(wrapped, text);
  }
  switch (type.scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.BOOL:
      return text === "true" ? true : text === "false" ? false : undefined;
    case ScalarType.BYTES: {
      // The `+` of base64, unless encoded, is read as a space in a query.
      const base64 = text.replaceAll(" ", "+");
      return BASE64.test(base64) ? base64 : undefined;
    }
    case ScalarType.FLOAT:
    case ScalarType.DOUBLE:
      return NUMBER.test(text) ? text : undefined;
    default:
      return INTEGER.test(text) ? text : undefined;
  }
}
