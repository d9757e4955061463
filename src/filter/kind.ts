import type { DescEnum } from "@bufbuild/protobuf";

/**
 * What the values of a field are, and so what they can be compared with. As JavaScript has them: an integer is a
 * number or a bigint, a time a bigint of nanoseconds since the epoch, an instant a time as a number of whole
 * milliseconds, a duration a bigint of nanoseconds, an enum its number, `json` a value of google.protobuf.Struct; bytes and messages can only be there or not.
 */
export type Kind =
  | {
      readonly is:
        | "string"
        | "bool"
        | "integer"
        | "double"
        | "float"
        | "time"
        | "instant"
        | "duration"
        | "json"
        | "bytes"
        | "message";
    }
  | { readonly is: "enum"; readonly desc: DescEnum };

/** A kind as errors name it. */
export function kindName(kind: Kind): string {
  switch (kind.is) {
    case "enum":
      return `a value of ${kind.desc.typeName}`;
    case "integer":
      return "an integer";
    case "json":
      return "a JSON value";
    case "time":
    case "instant":
      return "a time, such as 2026-01-31T12:00:00Z";
    case "duration":
      return "a duration, such as 20s";
    case "bool":
      return "true or false";
    case "bytes":
      return "bytes";
    default:
      return `a ${kind.is}`;
  }
}
