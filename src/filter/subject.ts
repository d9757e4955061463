import { type DescMessage, fromBinary, type Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { StoredOperation } from "../operation/stored-operation.ts";

/** The two messages of an operation whose types are its own. */
export type Packed = "metadata" | "response";

/**
 * The operation that a filter looks at, and then the next one: made once, it costs less than a test does. What is packed
 * in an operation is read at most once, however many fields are asked for.
 */
export class Subject {
  /** The operation that is looked at. */
  stored: StoredOperation;
  readonly #unpacked = new Map<Packed, Message | undefined>();

  constructor(stored: StoredOperation) {
    this.stored = stored;
  }

  /** Turns to another operation. */
  turnTo(stored: StoredOperation): this {
    this.stored = stored;
    if (this.#unpacked.size > 0) this.#unpacked.clear();
    return this;
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
