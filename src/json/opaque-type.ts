import { create, createFileRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";

/** The highest number that a field can have: the bytes of a real message hardly ever have it. */
const FIELD_NUMBER = 2 ** 29 - 1;

/**
 * A type of that name which JSON shows as `{"value": <base64>}`. The field is required: bytes that were not packed
 * by `packOpaque` cannot be taken for such a message and shown as an empty one.
 */
export function opaqueType(typeName: string): DescMessage {
  return { ...template, typeName };
}

/** The bytes of a message of a type that nobody knows, as those of one of its opaque type. */
export function packOpaque(value: Uint8Array): Uint8Array {
  const message = reflect(template, create(template));
  message.set(valueField, value);
  return toBinary(template, message.message);
}

/** The bytes that were packed. */
export function unpackOpaque(packed: Uint8Array): Uint8Array {
  const value = reflect(template, fromBinary(template, packed)).get(valueField);
  return value instanceof Uint8Array ? value : new Uint8Array();
}

const template = createTemplate();
const valueField = soleFieldOf(template);

function createTemplate(): DescMessage {
  const type = FieldDescriptorProto_Type.BYTES;
  const label = FieldDescriptorProto_Label.REQUIRED;
  const file = create(FileDescriptorProtoSchema, {
    name: "longrunning/opaque.proto",
    syntax: "proto2",
    messageType: [
      {
        name: "UnknownType",
        field: [{ name: "value", jsonName: "value", number: FIELD_NUMBER, type, label }],
      },
    ],
  });
  const desc = createFileRegistry(file, () => undefined).getMessage("UnknownType");
  if (desc === undefined) throw new TypeError("a file has no message that was put into it");
  return desc;
}

function soleFieldOf({ fields }: DescMessage) {
  const [field] = fields;
  if (field === undefined) throw new TypeError("a message has no field that was put into it");
  return field;
}
