import type { JsonReadOptions, JsonWriteOptions } from "@bufbuild/protobuf";

/** How messages are read from JSON and written as JSON. */
export type JsonOptions = Partial<JsonReadOptions & JsonWriteOptions>;
