import {
  type DescField,
  type DescMessage,
  isFieldSet,
  type JsonObject,
  type JsonValue,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import {
  type Any,
  AnySchema,
  type Duration,
  DurationSchema,
  FeatureSet_FieldPresence,
  isWrapperDesc,
  StructSchema,
  type Timestamp,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";
import { below, belowEach, type Field, itself, single } from "./field.ts";
import type { Kind } from "./kind.ts";
import { nanosOf } from "./nanos.ts";
import type { Word } from "./syntax.ts";

type Path = readonly Word[];

/**
 * The field of a message that a path leads to, by the names of the proto or of JSON. Undefined where the message, or
 * one on the way, has no such field.
 */
export function messageField(desc: DescMessage, path: Path): Field<Message> | undefined {
  const [word, ...rest] = path;
  if (word === undefined) return single({ is: "message" }, itself);
  if (word.text === "@type" && desc.typeName === AnySchema.typeName) {
    // The descriptor says that it is an Any.
    return single({ is: "string" }, (message) => (message as Any).typeUrl);
  }
  const field = desc.fields.find(({ name, jsonName }) => name === word.text || jsonName === word.text);
  const value = field && valueField(field, rest);
  return field && value && below(readerOf(field), value);
}

/** What a path leads to in the value of a field. */
function valueField(field: DescField, path: Path): Field<unknown> | undefined {
  switch (field.fieldKind) {
    case "message":
      // Protobuf-ES shows a wrapper as what it wraps, but not in a oneof.
      return isWrapperDesc(field.message) && field.oneof === undefined
        ? scalarField(field.message.fields[0], path)
        : elementField(field.message, path);
    case "list":
      return listField(field, path);
    case "map":
      return mapField(field, path);
    default:
      return scalarField(field, path);
  }
}

function scalarField(field: DescField | undefined, path: Path): Field<unknown> | undefined {
  if (field === undefined || path.length > 0) return undefined;
  const kind: Kind = field.enum === undefined ? kindOfScalar(field.scalar) : { is: "enum", desc: field.enum };
  const implicit = field.presence === FeatureSet_FieldPresence.IMPLICIT;
  return { kind, many: false, implicit, read: itself };
}

function kindOfScalar(scalar: ScalarType | undefined): Kind {
  switch (scalar) {
    case ScalarType.STRING:
      return { is: "string" };
    case ScalarType.BOOL:
      return { is: "bool" };
    case ScalarType.BYTES:
      return { is: "bytes" };
    case ScalarType.DOUBLE:
      return { is: "double" };
    case ScalarType.FLOAT:
      return { is: "float" };
    default:
      return { is: "integer" };
  }
}

/** What a path leads to in a message that is a field's value, or one of its values. */
function elementField(desc: DescMessage, path: Path): Field<unknown> | undefined {
  if (desc.typeName === StructSchema.typeName) {
    // Protobuf-ES shows a Struct as a plain object.
    return path.length === 0 ? whole : below((value) => value as JsonObject, jsonField(path));
  }
  if (path.length === 0 && desc.typeName === TimestampSchema.typeName) {
    return single({ is: "time" }, (value) => nanosOf(value as Timestamp));
  }
  if (path.length === 0 && desc.typeName === DurationSchema.typeName) {
    return single({ is: "duration" }, (value) => nanosOf(value as Duration));
  }
  const field = messageField(desc, path);
  // What is a field's value is a message of its type.
  return field as Field<unknown> | undefined;
}

const whole = single<unknown>({ is: "message" }, itself);

function listField(field: DescField & { fieldKind: "list" }, path: Path): Field<unknown> | undefined {
  const element = field.listKind === "message" ? elementField(field.message, path) : scalarField(field, path);
  return element && belowEach((value) => value as readonly unknown[], element);
}

/** The keys of a map, or the value of a key and what is below it. */
function mapField(field: DescField & { fieldKind: "map" }, path: Path): Field<unknown> | undefined {
  const [key, ...rest] = path;
  if (key === undefined) {
    const keys = single<string>({ is: "string" }, (key) => key);
    return belowEach((value) => Object.keys(value as object), keys);
  }
  const inner = field.mapKind === "message" ? elementField(field.message, rest) : scalarField(field, rest);
  const entry = (value: unknown) => {
    const entries = value as Readonly<Record<string, unknown>>;
    return Object.hasOwn(entries, key.text) ? entries[key.text] : undefined;
  };
  // An entry is there or not, whatever its value.
  return inner && below(entry, { ...inner, implicit: inner.implicit && rest.length > 0 });
}

/** What a path of keys leads to in JSON; through an array, in each of its values. */
function jsonField(path: Path): Field<JsonObject> {
  const read = (value: JsonValue, at: number): JsonValue[] => {
    if (Array.isArray(value)) return value.flatMap((each) => read(each, at));
    const word = path[at];
    if (word === undefined) return [value];
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, word.text)) return [];
    return read(value[word.text] ?? null, at + 1);
  };
  return belowEach(
    (value) => read(value, 0),
    single<JsonValue>({ is: "json" }, (each) => each),
  );
}

/** Reads the value of a field; undefined where it tells whether it is set, and is not. */
function readerOf(field: DescField): (message: Message) => unknown {
  const { localName, oneof } = field;
  if (oneof !== undefined) {
    return (message) => {
      const chosen = valuesOf(message)[oneof.localName] as {
        readonly case?: string;
        readonly value?: unknown;
      };
      return chosen.case === localName ? chosen.value : undefined;
    };
  }
  if (field.presence === FeatureSet_FieldPresence.IMPLICIT) return (message) => valuesOf(message)[localName];
  // What has a default in its prototype, as in proto2, reads as set.
  return (message) => {
    const value = valuesOf(message)[localName];
    return value === undefined || isFieldSet(message, field) ? value : undefined;
  };
}

function valuesOf(message: Message): Readonly<Record<string, unknown>> {
  // The message has the field: its descriptor says so.
  return message as unknown as Readonly<Record<string, unknown>>;
}
