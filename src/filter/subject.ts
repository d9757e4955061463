import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { StoredOperation } from "../operation/stored-operation.ts";

/** The two messages of an operation whose types are its own. */
export type Packed = "metadata" | "response";

/** An operation that a filter looks at. What is packed in it is read at most once, however many fields are asked for. */
export class Subject {
  readonly stored: StoredOperation;
  readonly #unpacked = new Map<Packed, Message | undefined>();

  constructor(stored: StoredOperation) {
    this.stored = stored;
  }

  /** What is packed, undefined where there is none. */
  any(part: Packed): Readonly<Any> | undefined {
    const { metadata, result } = this.stored.message;
    if (part === "metadata") return metadata;
    return result.case === "response" ? result.value : undefined;
  }

  /** What is packed, as a message of that type; undefined where its bytes are none. */
  unpacked(part: Packed, type: DescMessage): Message | undefined {
    if (!this.#unpacked.has(part)) this.#unpacked.set(part, read(type, this.any(part)));
    return this.#unpacked.get(part);
  }
}

function read(type: DescMessage, any: Readonly<Any> | undefined): Message | undefined {
  if (any === undefined) return undefined;
  try {
    return fromBinary(type, any.value);
  } catch {
    // Bytes that are none of their type have no fields.
    return undefined;
  }
}
