import {
  type DescEnum,
  type DescField,
  type DescMessage,
  getOption,
  type JsonObject,
  ScalarType,
} from "@bufbuild/protobuf";
import { isWrapperDesc } from "@bufbuild/protobuf/wkt";
import { FieldBehavior, field_behavior } from "../../../gen/google/api/field_behavior_pb.ts";

/** The schema of a value without a field: a scalar, an enum or a message. */
type ValueType = Pick<DescField, "scalar" | "enum" | "message">;

/** The schemas of messages and enums in JSON (protobuf's JSON mapping), each once, by its full name. */
export class Schemas {
  readonly #components = new Map<string, JsonObject>();

  /** All that were asked for, and all that those consist of. */
  get components(): JsonObject {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** The schema of a field's value, with what `google.api.field_behavior` says of it. */
  ofField(field: DescField): JsonObject {
    const schema = this.#ofValue(field);
    const behaviors = getOption(field, field_behavior);
    return {
      ...schema,
      ...(behaviors.includes(FieldBehavior.OUTPUT_ONLY) ? { readOnly: true } : {}),
      ...(behaviors.includes(FieldBehavior.INPUT_ONLY) ? { writeOnly: true } : {}),
      ...(field.deprecated ? { deprecated: true } : {}),
    };
  }

  /** The schema of a message: a reference, or that of a well-known type. */
  ofMessage(message: DescMessage): JsonObject {
    const wellKnown = WELL_KNOWN[message.typeName];
    if (wellKnown !== undefined) return wellKnown;
    if (isWrapperDesc(message)) {
      const schema = this.#ofType(message.fields[0] ?? {});
      return { ...schema, type: [schema["type"] ?? "string", "null"] };
    }
    if (!this.#components.has(message.typeName)) {
      // There before its fields are looked at, which may be of the same message.
      this.#components.set(message.typeName, {});
      this.#components.set(message.typeName, this.#objectOf(message));
    }
    return reference(message.typeName);
  }

  #ofValue(field: DescField): JsonObject {
    switch (field.fieldKind) {
      case "list":
        return { type: "array", items: this.#ofType(field) };
      case "map":
        return { type: "object", additionalProperties: this.#ofType(field) };
      default:
        return this.#ofType(field);
    }
  }

  #ofType({ scalar, enum: values, message }: Partial<ValueType>): JsonObject {
    if (message !== undefined) return this.ofMessage(message);
    if (values !== undefined) return this.#ofEnum(values);
    return scalar === undefined ? {} : SCALARS[scalar];
  }

  #ofEnum({ typeName, values }: DescEnum): JsonObject {
    if (typeName === "google.protobuf.NullValue") return { type: "null" };
    this.#components.set(typeName, { type: "string", enum: values.map(({ name }) => name) });
    return reference(typeName);
  }

  #objectOf({ fields }: DescMessage): JsonObject {
    const required = fields.filter(isRequired).map(({ jsonName }) => jsonName);
    return {
      type: "object",
      properties: Object.fromEntries(fields.map((field) => [field.jsonName, this.ofField(field)])),
      ...(required.length === 0 ? {} : { required }),
    };
  }
}

/** Whether a request must have the field (`google.api.field_behavior`). */
export function isRequired(field: DescField): boolean {
  return getOption(field, field_behavior).includes(FieldBehavior.REQUIRED);
}

function reference(typeName: string): JsonObject {
  return { $ref: `#/components/schemas/${typeName}` };
}

const INT32 = { type: "integer", format: "int32" };
const UINT32 = { type: "integer", format: "uint32", minimum: 0, maximum: 2 ** 32 - 1 };
// JSON's numbers are too small for them.
const INT64 = { type: "string", format: "int64" };
const UINT64 = { type: "string", format: "uint64" };

const SCALARS: Readonly<Record<ScalarType, JsonObject>> = {
  [ScalarType.DOUBLE]: { type: "number", format: "double" },
  [ScalarType.FLOAT]: { type: "number", format: "float" },
  [ScalarType.INT64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.INT32]: INT32,
  [ScalarType.FIXED64]: UINT64,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.BOOL]: { type: "boolean" },
  [ScalarType.STRING]: { type: "string" },
  [ScalarType.BYTES]: { type: "string", contentEncoding: "base64" },
  [ScalarType.UINT32]: UINT32,
  [ScalarType.SFIXED32]: INT32,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.SINT32]: INT32,
  [ScalarType.SINT64]: INT64,
};

const WELL_KNOWN: Readonly<Record<string, JsonObject>> = {
  "google.protobuf.Timestamp": { type: "string", format: "date-time" },
  "google.protobuf.Duration": { type: "string", pattern: "^-?[0-9]+(\\.[0-9]{1,9})?s$" },
  "google.protobuf.FieldMask": { type: "string" },
  "google.protobuf.Struct": { type: "object" },
  "google.protobuf.ListValue": { type: "array", items: {} },
  "google.protobuf.Value": {},
  "google.protobuf.Empty": { type: "object" },
  "google.protobuf.Any": {
    type: "object",
    properties: { "@type": { type: "string" } },
    required: ["@type"],
    additionalProperties: true,
  },
};
