import type { JsonReadOptions, JsonWriteOptions } from "@bufbuild/protobuf";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import { AnyRegistry } from "../json/any-registry.ts";

/** How messages are read from JSON and written as JSON. */
export type JsonOptions = Partial<JsonReadOptions & JsonWriteOptions>;

/** The options as they are used: with a registry that has something to show for every type. */
export type JsonSettings = Omit<JsonOptions, "registry"> & { readonly registry: AnyRegistry };

/** The options for these methods: the types of their files are known beside those that are given. */
export function jsonSettings(options: JsonOptions, handlers: readonly UniversalHandler[]): JsonSettings {
  const { registry: given } = options;
  const registry = given instanceof AnyRegistry ? given : new AnyRegistry(...(given ? [given] : []));
  for (const { method } of handlers) registry.addFile(method.parent.file);
  return { ignoreUnknownFields: false, ...options, registry };
}
