import { type JsonValue, type Registry, toJson } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";

/** Metadata as the JSON of google.protobuf.Any; its bytes in base64, where its type is not known here. */
export function progressJson(metadata: Any, registry: Registry): NonNullable<JsonValue> {
  try {
    return toJson(AnySchema, metadata, { registry }) ?? {};
  } catch {
    return { "@type": metadata.typeUrl, value: Buffer.from(metadata.value).toString("base64") };
  }
}
