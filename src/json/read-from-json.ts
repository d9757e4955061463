import { type DescMessage, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { AnyRegistry } from "./any-registry.ts";
import { holdsAny } from "./holds-any.ts";
import { unpackOpaque } from "./opaque-type.ts";
import { typeNameOf } from "./type-name.ts";
import { visitAnys } from "./visit-anys.ts";

/**
 * Turns what `fromJson` has made of `{"@type": <unknown type URL>, "value": <base64>}`, with that registry, into the
 * Any that is meant, in place.
 */
export function readFromJson<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  registry: AnyRegistry,
): MessageShape<Desc> {
  if (holdsAny(desc)) visitAnys(reflect(desc, message), (any) => void readAny(any, registry));
  return message;
}

/** Answers whether the Any was changed, or one in it. */
function readAny(any: Any, registry: AnyRegistry): boolean {
  if (any.typeUrl === "") return false;
  const desc = registry.known(typeNameOf(any.typeUrl));
  if (desc === undefined) {
    any.value = unpackOpaque(any.value);
    return true;
  }
  if (!holdsAny(desc)) return false;
  const message = fromBinary(desc, any.value);
  let hasChanged = false;
  visitAnys(reflect(desc, message), (inner) => {
    hasChanged = readAny(inner, registry) || hasChanged;
  });
  if (hasChanged) any.value = toBinary(desc, message);
  return hasChanged;
}
