import { clone, create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { type CallOptions, Code, ConnectError } from "@connectrpc/connect";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationType } from "../operation/operation-type.ts";
import { type FollowOptions, follow } from "./follow.ts";
import { followByWatch } from "./follow-by-watch.ts";
import type { OperationsClient } from "./operations-client.ts";
import { type RetryOptions, retried } from "./retry.ts";
import { metadataOf, responseOf } from "./unpack.ts";
import { followOptions, type WaitOptions } from "./wait-for-operation.ts";

const DEFAULT_PROGRESS_INTERVAL_MS = 1_000;

/** How to follow progress. `timeoutMs` bounds the whole iteration, and `signal` ends it. */
export interface ProgressOptions extends CallOptions {
  /**
   * How long a change of metadata may go unseen; 1 s by default. The end is seen at once, where the server can wait, and
   * so is everything where the client can watch (`createOperationsClient`) and the server too.
   */
  readonly intervalMs?: number | undefined;
}

/**
 * An operation as its client sees it. A getter remembers what the server has said last, and a verb calls the
 * server. Many may use a handle at the same time; once it is done it stays so.
 */
export class OperationHandle<Response extends DescMessage, Metadata extends DescMessage> {
  /** The operation's name: enough to make another handle of it, in another process too. */
  readonly name: string;
  readonly #client: OperationsClient;
  readonly #type: OperationType<Response, Metadata>;
  readonly #retry: RetryOptions;
  #latest: Operation;
  #heard: boolean;

  /** Of the operation that a method answered, or of the name of one that was started earlier. Calls nobody. */
  constructor(
    client: OperationsClient,
    type: OperationType<Response, Metadata>,
    operation: Readonly<Operation> | string,
    retry: RetryOptions = {},
  ) {
    this.#client = client;
    this.#type = type;
    this.#retry = retry;
    this.#heard = typeof operation !== "string";
    // The caller may go on to change the message.
    this.#latest =
      typeof operation === "string"
        ? create(OperationSchema, { name: operation })
        : clone(OperationSchema, operation);
    this.name = this.#latest.name;
  }

  /** Whether the operation was done when the server was last asked. */
  get done(): boolean {
    return this.#latest.done;
  }

  /** The metadata that came last; undefined where none came. Throws a WrongTypeError. */
  get metadata(): MessageShape<Metadata> | undefined {
    return metadataOf(this.#type.metadata, this.name, this.#latest);
  }

  /**
   * Asks for the present state, and answers whether the operation is done. Of an operation that is known to be
   * done nothing is asked. Throws what the server answers, and then remembers what it remembered before.
   */
  async poll(options: CallOptions = {}): Promise<boolean> {
    if (this.done) return true;
    const get = (attempt: CallOptions) => this.#client.getOperation({ name: this.name }, attempt);
    this.#remember(await retried(get, options, this.#retry));
    return this.done;
  }

  /**
   * Waits until the operation is done. It does not throw because the work failed: `result` does. It asks again
   * where the server was not available or the connection was lost, and gives up after 10 such failures in a row.
   *
   * Throws a StoppedWaitingError where the caller's signal aborts or its `timeoutMs` runs out, and NOT_FOUND
   * where the operation is kept no longer.
   */
  async wait(options: WaitOptions = {}): Promise<void> {
    await this.#followToEnd(followOptions(options, this.#retry));
  }

  /**
   * Waits as `wait` does, and calls only GetOperation, with delays of at most `intervalMs`: for a server whose
   * WaitOperation is not to be used.
   */
  async waitWithInterval(intervalMs: number, options: CallOptions = {}): Promise<void> {
    await this.#followToEnd({ call: options, longPollMs: undefined, intervalMs, retry: this.#retry });
  }

  /**
   * Waits until the operation is done, and answers its response.
   *
   * Throws an OperationFailedError or an OperationCancelledError where the operation ended so, an
   * OperationWithoutResultError or a WrongTypeError where the server did not keep to the contract, and what
   * `wait` throws.
   */
  async result(options: WaitOptions = {}): Promise<MessageShape<Response>> {
    await this.wait(options);
    return responseOf(this.#type.response, this.name, this.#latest);
  }

  /**
   * Yields the metadata, and again whenever it has changed, until the operation is done. It does not throw
   * because the work failed: `result` does. Changes that come quickly may be seen as one; the last one is seen.
   *
   * Throws what `wait` throws, and a WrongTypeError.
   */
  async *progress(options: ProgressOptions = {}): AsyncGenerator<MessageShape<Metadata>, void, undefined> {
    const { intervalMs = DEFAULT_PROGRESS_INTERVAL_MS, ...call } = options;
    let shown: Any | undefined;
    for await (const { metadata } of this.#states({
      call,
      longPollMs: intervalMs,
      intervalMs,
      presentFirst: !this.#heard,
      retry: this.#retry,
    })) {
      if (metadata === undefined || isSame(metadata, shown)) continue;
      shown = metadata;
      const message = this.metadata;
      if (message !== undefined) yield message;
    }
  }

  /**
   * Asks the server to stop the work. It may come too late, and where it does not, the operation ends with an
   * OperationCancelledError once the work has stopped: `wait` tells.
   */
  async cancel(options: CallOptions = {}): Promise<void> {
    const cancel = (attempt: CallOptions) => this.#client.cancelOperation({ name: this.name }, attempt);
    await retried(cancel, options, this.#retry);
  }

  /** Asks the server to forget the operation. It does not stop the work. */
  async delete(options: CallOptions = {}): Promise<void> {
    const remove = async (attempt: CallOptions, failures: number) => {
      try {
        await this.#client.deleteOperation({ name: this.name }, attempt);
      } catch (error) {
        // An attempt before this one got through, and only its answer was lost.
        if (failures === 0 || ConnectError.from(error).code !== Code.NotFound) throw error;
      }
    };
    await retried(remove, options, this.#retry);
  }

  async #followToEnd(options: FollowOptions): Promise<void> {
    if (this.done) return;
    for await (const operation of follow(this.#client, this.name, options)) this.#remember(operation);
  }

  /** What is remembered, and then each answer until the operation is done. */
  async *#states(options: FollowOptions): AsyncGenerator<Operation, void, undefined> {
    yield this.#latest;
    if (this.done) return;
    const client = this.#client;
    const states =
      client.watchOperations === undefined
        ? follow(client, this.name, options)
        : followByWatch(client, client.watchOperations.bind(client), this.name, options);
    for await (const operation of states) {
      this.#remember(operation);
      yield this.#latest;
    }
  }

  #remember(operation: Operation): void {
    this.#heard = true;
    // An answer that was overtaken on its way must not undo the end.
    if (!this.done) this.#latest = operation;
  }
}

function isSame(one: Any, other: Any | undefined): boolean {
  return (
    other !== undefined &&
    one.typeUrl === other.typeUrl &&
    one.value.length === other.value.length &&
    one.value.every((byte, i) => byte === other.value[i])
  );
}
