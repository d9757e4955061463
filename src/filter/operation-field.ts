import type { DescMessage, Message } from "@bufbuild/protobuf";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { typeNameOf } from "../json/type-name.ts";
import { below, type Field, single } from "./field.ts";
import { FilterFault } from "./filter-fault.ts";
import { messageField } from "./message-field.ts";
import type { Packed, Subject } from "./subject.ts";
import type { Word } from "./syntax.ts";

/** The types that the metadata and the responses of operations may be of, as far as they are known. */
export interface FilterTypes {
  readonly metadata: readonly DescMessage[];
  readonly response: readonly DescMessage[];
}

/** What a path leads to in an operation: one field, or one for each type of message that has such a path. */
export type OperationField = readonly Field<Subject>[];

const TIMES = { create_time: "createTimeMs", end_time: "endTimeMs", expire_time: "expireTimeMs" } as const;

/** What is asked for most, and of every operation, is read by itself and not by its descriptor, which takes longer. */
const OWN: Readonly<Record<string, Field<Subject>>> = {
  done: { ...single({ is: "bool" }, ({ stored }) => stored.message.done), implicit: true },
  name: { ...single({ is: "string" }, ({ stored }) => stored.message.name), implicit: true },
  error: single({ is: "message" }, ({ stored }) => {
    const { result } = stored.message;
    return result.case === "error" ? result.value : undefined;
  }),
};

/** The field of an operation that a path leads to. Throws a FilterFault where no operation has it. */
export function operationField(path: readonly [Word, ...Word[]], types: FilterTypes): OperationField {
  const [{ text, at }, ...rest] = path;
  if (text === "metadata" || text === "response") return packedField(text, rest, types[text], at);
  if (rest.length === 0 && Object.hasOwn(TIMES, text)) return [timeField(text as keyof typeof TIMES)];
  const own = rest.length === 0 && Object.hasOwn(OWN, text) ? OWN[text] : undefined;
  if (own !== undefined) return [own];
  const field = messageField(OperationSchema, path);
  if (field === undefined) throw new FilterFault(at, `has ${nameOf(path)}, which no operation has`);
  return [below((subject: Subject) => subject.stored.message as Message, field)];
}

function timeField(name: keyof typeof TIMES): Field<Subject> {
  const read = ({ stored }: Subject) => {
    const ms = stored[TIMES[name]];
    return ms === undefined ? undefined : Math.round(ms);
  };
  return single({ is: "instant" }, read);
}

function packedField(
  part: Packed,
  path: readonly Word[],
  types: readonly DescMessage[],
  at: number,
): OperationField {
  const [first] = path;
  if (first === undefined) {
    return [single({ is: "message" }, (subject) => subject.any(part))];
  }
  if (first.text === "@type" && path.length === 1) {
    return [single({ is: "string" }, (subject) => subject.any(part)?.typeUrl)];
  }
  const fields = types.flatMap((type) => {
    const field = messageField(type, path);
    return field === undefined ? [] : [below((subject: Subject) => unpacked(subject, part, type), field)];
  });
  if (fields.length > 0) return fields;
  const known = types.length === 0 ? "" : ` (${types.map(({ typeName }) => typeName).join(", ")})`;
  throw new FilterFault(at, `has ${part}.${nameOf(path)}, which no known type of a ${part} has${known}`);
}

function unpacked(subject: Subject, part: Packed, type: DescMessage): Message | undefined {
  const any = subject.any(part);
  return any !== undefined && typeNameOf(any.typeUrl) === type.typeName
    ? subject.unpacked(part, type)
    : undefined;
}

function nameOf(path: readonly Word[]): string {
  return path.map(({ text }) => text).join(".");
}
