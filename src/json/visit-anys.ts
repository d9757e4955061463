import { isMessage } from "@bufbuild/protobuf";
import type { ReflectMessage } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import { holdsAny } from "./holds-any.ts";

/** Visits every Any of a message, which may change it in place. What an Any has packed is not looked into. */
export function visitAnys(reflected: ReflectMessage, visit: (any: Any) => void): void {
  const { message } = reflected;
  if (isMessage(message, AnySchema)) {
    visit(message);
    return;
  }
  for (const field of reflected.fields) {
    if (field.message === undefined || !holdsAny(field.message) || !reflected.isSet(field)) continue;
    if (field.fieldKind === "message") visitAnys(reflected.get(field), visit);
    if (field.fieldKind === "list") visitAll(reflected.get(field), visit);
    if (field.fieldKind === "map") visitAll(reflected.get(field).values(), visit);
  }
}

function visitAll(values: Iterable<unknown>, visit: (any: Any) => void): void {
  // A list or a map of messages holds nothing else.
  for (const value of values as Iterable<ReflectMessage>) visitAnys(value, visit);
}
