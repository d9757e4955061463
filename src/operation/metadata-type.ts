import { typeNameOf } from "../json/type-name.ts";
import type { StoredOperation } from "./stored-operation.ts";

/** Full names of messages, as long as an index takes them. */
const NAME = /^[A-Za-z_][\w.]{0,511}$/;

/**
 * The full name of the type of an operation's metadata, by which it can be listed; "" where it has none, or one that
 * cannot be the name of a message.
 */
export function metadataTypeOf({ message }: Pick<StoredOperation, "message">): string {
  return listedTypeOf(message.metadata?.typeUrl ?? "");
}

/** What operations are listed by whose metadata has that type URL. */
export function listedTypeOf(typeUrl: string): string {
  const name = typeNameOf(typeUrl);
  return NAME.test(name) ? name : "";
}
