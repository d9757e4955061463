import type { DescMessage } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";

const answers = new WeakMap<DescMessage, boolean>();

/** Whether a message of that type can hold an Any, in a field of its own or further down. */
export function holdsAny(desc: DescMessage): boolean {
  let answer = answers.get(desc);
  if (answer === undefined) {
    answer = reaches(desc, new Set());
    answers.set(desc, answer);
  }
  return answer;
}

function reaches(desc: DescMessage, seen: Set<string>): boolean {
  if (desc.typeName === AnySchema.typeName) return true;
  if (seen.has(desc.typeName)) return false;
  seen.add(desc.typeName);
  return desc.fields.some(({ message }) => message !== undefined && reaches(message, seen));
}
