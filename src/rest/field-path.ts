import type { DescField, DescMessage } from "@bufbuild/protobuf";

/** The fields of a message by the names that JSON may call them: the proto's own and the one in lowerCamelCase. */
export function fieldsByName(message: DescMessage): ReadonlyMap<string, DescField> {
  let fields = cached.get(message);
  if (fields === undefined) {
    fields = new Map(
      message.fields.flatMap((field) => [[field.jsonName, field] as const, [field.name, field] as const]),
    );
    cached.set(message, fields);
  }
  return fields;
}

const cached = new WeakMap<DescMessage, ReadonlyMap<string, DescField>>();

/**
 * The fields that a path names, outermost first. Throws a TypeError that completes the sentence "the field …"
 * where one is not there, or something that is no single message has fields.
 */
export function fieldsAt(message: DescMessage, path: readonly string[]): DescField[] {
  const fields: DescField[] = [];
  let owner: DescMessage | undefined = message;
  for (const name of path) {
    if (owner === undefined)
      throw new TypeError(`is below "${fields.at(-1)?.name}", which is no single message`);
    const field: DescField | undefined = owner.fields.find((candidate) => candidate.name === name);
    if (field === undefined) throw new TypeError(`is not in ${owner.typeName}`);
    fields.push(field);
    owner = field.fieldKind === "message" ? field.message : undefined;
  }
  return fields;
}
