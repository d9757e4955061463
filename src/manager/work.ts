import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { Empty } from "@bufbuild/protobuf/wkt";

/** What the work is given. */
export interface Run<Metadata extends DescMessage> {
  /** The operation's name. */
  readonly name: string;
  /**
   * Aborts when a client cancels the operation, and when the server stops. It is aborted already where work is begun
   * again that was cancelled meanwhile: so that it may tidy up. The work that stops throws the signal's reason (as
   * `signal.throwIfAborted()` and most of Node do); the work that finishes all the same, wins.
   */
  readonly signal: AbortSignal;
  /**
   * Tells how far the work is. The message is encoded before the call returns. Reports that come faster than
   * the store takes them replace each other, and the last one is never lost. The promise resolves once the
   * report, or a later one, is kept; it never rejects, so the work need not wait for it.
   *
   * Throws a TypeError where the message is not of the operation type's metadata.
   */
  progress(metadata: MessageInitShape<Metadata>): Promise<void>;
}

/** What the work answers: the response of its operation type. Where that is google.protobuf.Empty, nothing will do. */
export type WorkResponse<Response extends DescMessage> =
  MessageShape<Response> extends Empty
    ? // biome-ignore lint/suspicious/noConfusingVoidType: a function declared as Promise<void> does not fit Promise<undefined>.
      MessageInitShape<Response> | undefined | void
    : MessageInitShape<Response>;

/**
 * The work of an operation. What it answers is the operation's response, what it throws the operation's error:
 * a ConnectError with its code, message and details; anything else as INTERNAL, its text in the log alone.
 */
export type Work<Response extends DescMessage, Metadata extends DescMessage> = (
  run: Run<Metadata>,
) => Promise<WorkResponse<Response>> | WorkResponse<Response>;

/** What a registered handler is given. */
export interface HandlerRun<Metadata extends DescMessage, Input extends DescMessage> extends Run<Metadata> {
  /** What the operation was started with. */
  readonly input: MessageShape<Input>;
  /** 1 where the work begins for the first time; one more with every server that went away meanwhile. */
  readonly attempt: number;
  /**
   * The operation's metadata when this attempt began: what was reported last, and the fields that are filled.
   * Undefined where there is none.
   */
  readonly lastMetadata: MessageShape<Metadata> | undefined;
}

/**
 * Work that can be begun again on another server. It ends its operation as `Work` does. When its server stops and
 * it throws the signal's reason, the operation does not end: another server, or this one when it is back, goes on.
 */
export type Handler<Response extends DescMessage, Metadata extends DescMessage, Input extends DescMessage> = (
  run: HandlerRun<Metadata, Input>,
) => Promise<WorkResponse<Response>> | WorkResponse<Response>;
