import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";

/** Makes the message of a type. Throws a TypeError that names both types where it is of another. */
export function encode<Desc extends DescMessage>(
  desc: Desc,
  init: MessageInitShape<Desc>,
): MessageShape<Desc> {
  const given: unknown = Reflect.get(init, "$typeName");
  if (given !== undefined && given !== desc.typeName) {
    throw new TypeError(`a message of type ${desc.typeName} is needed, and ${String(given)} was given`);
  }
  return create(desc, init);
}

/** Encodes a message now: changing it later changes nothing. Throws where it is of another type, or cannot be encoded. */
export function packed<Desc extends DescMessage>(desc: Desc, init: MessageInitShape<Desc>): Any {
  return anyPack(desc, encode(desc, init));
}

/** Decodes what an Any holds. Throws a TypeError that names both types where it is another. */
export function unpacked<Desc extends DescMessage>(desc: Desc, any: Any): MessageShape<Desc> {
  const message = anyUnpack(any, desc);
  if (message !== undefined) return message;
  throw new TypeError(`a message of type ${desc.typeName} is needed, and ${any.typeUrl} came`);
}
