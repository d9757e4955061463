import type { Message } from "@bufbuild/protobuf";

/** How a message is written. */
type Form = "binary" | "json";

/** How many bytes are kept, at least and at most twice as many: those of some ten thousand small operations. */
const KEPT_BYTES = 4 * 1024 * 1024;

/** What a message takes beside its bytes. */
const ENTRY_BYTES = 200;

type Written = Partial<Record<Form, Buffer>>;

/**
 * The bytes of messages that nobody changes, written once for all who ask for them. Those that were asked for lately are
 * kept: when the young ones have become many they are the old ones, and what was old before is forgotten.
 */
export class WrittenOnce {
  #young = new Map<Message, Written>();
  #old = new Map<Message, Written>();
  #bytes = 0;

  /** The bytes of a message; `write` makes them where they are not known. */
  of(message: Message, isBinary: boolean, write: () => Buffer): Buffer {
    const form = isBinary ? "binary" : "json";
    const young = this.#young.get(message);
    const known = young?.[form] ?? this.#old.get(message)?.[form];
    const bytes = known ?? write();
    if (young?.[form] === undefined) this.#keep(message, { ...young, [form]: bytes }, bytes.byteLength);
    return bytes;
  }

  #keep(message: Message, written: Written, bytes: number): void {
    this.#young.set(message, written);
    this.#bytes += bytes + ENTRY_BYTES;
    if (this.#bytes < KEPT_BYTES) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#bytes = 0;
  }
}
