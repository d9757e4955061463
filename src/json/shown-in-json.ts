import {
  clone,
  create,
  type DescMessage,
  fromBinary,
  type MessageShape,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { type Any, AnySchema, anyPack, BytesValueSchema } from "@bufbuild/protobuf/wkt";
import type { AnyRegistry } from "./any-registry.ts";
import { holdsAny } from "./holds-any.ts";
import { packOpaque } from "./opaque-type.ts";
import { typeNameOf } from "./type-name.ts";
import { visitAnys } from "./visit-anys.ts";

/** How deep Anys are looked for in Anys; one that holds more is shown as its bytes. */
const MOST_LEVELS = 32;

/**
 * The message in a form that `toJson` with that registry can write. It is the same object where JSON can show every
 * Any. An Any of an unknown type, or whose bytes are none of its type, becomes one that JSON writes as
 * `{"@type": <type URL>, "value": <base64>}`; the message itself is left alone.
 */
export function shownInJson<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  registry: AnyRegistry,
): MessageShape<Desc> {
  if (!holdsAny(desc) || canBeWritten(desc, message, registry)) return message;
  const shown = clone(desc, message);
  visitAnys(reflect(desc, shown), (any) => {
    if (canBeWritten(AnySchema, any, registry)) return;
    const original = create(AnySchema, any);
    if (showInside(any, registry, 0) && canBeWritten(AnySchema, any, registry)) return;
    showBytes(any, original);
  });
  return shown;
}

function canBeWritten<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  registry: AnyRegistry,
): boolean {
  try {
    toJson(desc, message, { registry });
    return true;
  } catch {
    return false;
  }
}

/** Makes opaque what is unknown in an Any, or the Any itself. Answers whether that was all that is to be done. */
function showInside(any: Any, registry: AnyRegistry, level: number): boolean {
  const typeName = typeNameOf(any.typeUrl);
  if (typeName === "" || level > MOST_LEVELS) return any.typeUrl === "";
  const desc = registry.known(typeName);
  if (desc === undefined) {
    any.value = packOpaque(any.value);
    return true;
  }
  if (!holdsAny(desc)) return true;
  try {
    const message = fromBinary(desc, any.value);
    let isShown = true;
    visitAnys(reflect(desc, message), (inner) => {
      isShown &&= showInside(inner, registry, level + 1);
    });
    any.value = toBinary(desc, message);
    return isShown;
  } catch {
    return false;
  }
}

/** Makes an Any one that JSON writes as its bytes, under the type URL that it has. */
function showBytes(any: Any, { typeUrl, value }: Any): void {
  anyPack(BytesValueSchema, create(BytesValueSchema, { value }), any);
  // A string to protobuf-es, which looks up the type by it; in JSON, the type URL of the original.
  any.typeUrl = new WrittenAs(any.typeUrl, typeUrl) as unknown as string;
}

/** A string that JSON.stringify writes as another one. */
class WrittenAs extends String {
  readonly #written: string;

  constructor(text: string, written: string) {
    super(text);
    this.#written = written;
  }

  toJSON(): string {
    return this.#written;
  }
}
