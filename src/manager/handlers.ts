import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { unpacked } from "../operation/encoded-message.ts";
import type { ResumableType } from "../operation/operation-type.ts";
import type { StoredOperation, StoredWork } from "../operation/stored-operation.ts";
import type { Handler, Work } from "./work.ts";

/** A handler with its type, whatever that is. */
export interface RegisteredHandler {
  readonly type: ResumableType;
  /** The work of one attempt: of an operation as it is when the attempt begins. */
  workOf(stored: StoredOperation, work: StoredWork): Work<DescMessage, DescMessage>;
}

/** The handlers that a server has, by the name under which operations ask for them. */
export class Handlers {
  readonly #handlers = new Map<string, RegisteredHandler>();

  /** Throws a TypeError where the name has a handler. */
  register<Response extends DescMessage, Metadata extends DescMessage, Input extends DescMessage>(
    type: ResumableType<Response, Metadata, Input>,
    handler: Handler<Response, Metadata, Input>,
  ): void {
    const name = type.onServerLoss.handler;
    if (this.#handlers.has(name)) throw new TypeError(`handler "${name}" is registered already`);
    this.#handlers.set(name, {
      type,
      // One type made the input and the metadata, and gives them back: the compiler cannot know.
      workOf: (stored, { input }) =>
        ((run) =>
          handler({
            ...run,
            input: unpacked(type.onServerLoss.input, input),
            attempt: stored.attempt,
            lastMetadata: lastMetadataOf(type.metadata, stored.message.metadata),
          })) as Work<DescMessage, DescMessage>,
    });
  }

  /** The handler of that name; undefined where there is none. */
  get(name: string): RegisteredHandler | undefined {
    return this.#handlers.get(name);
  }
}

function lastMetadataOf<Metadata extends DescMessage>(
  desc: Metadata,
  metadata: Any | undefined,
): MessageShape<Metadata> | undefined {
  return metadata === undefined ? undefined : unpacked(desc, metadata);
}
