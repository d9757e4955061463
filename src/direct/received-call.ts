import type { Readable } from "node:stream";
import type { ContextValues } from "@connectrpc/connect";
import { BodyPieces, mayGoOn } from "./body-pieces.ts";
import { CallContext } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { soleMessage } from "./envelope.ts";
import { HandedOver, type Progress } from "./handed-over.ts";
import type { HeldHeaders } from "./held-headers.ts";
import type { OpenCall } from "./open-calls.ts";
import { SMALL_BYTES, type UntakenAnswer } from "./untaken-answer.ts";
import type { WireAnswer } from "./wire-answer.ts";

/**
 * A call as its transport sees it: its request comes, its answer goes, and in between its client may leave. What does not
 * come in a few small pieces, or not at once, is Connect's to read.
 */
export abstract class ReceivedCall extends CallContext implements OpenCall, UntakenAnswer {
  protected readonly calls: DirectCalls;
  /** What has come of the request, until it is answered. */
  protected body: Uint8Array | undefined;
  /** Of the answer. */
  bytes = 0;
  #isAnswered = false;
  /** What has come of a request in pieces. */
  #pieces: BodyPieces | undefined;

  constructor(
    asked: DirectRequest,
    headers: HeldHeaders,
    calls: DirectCalls,
    values: ContextValues | undefined,
  ) {
    super(asked, headers, calls.clock, values);
    this.calls = calls;
  }

  /** Whether nobody is there any more to be answered. */
  abstract get isGone(): boolean;

  abstract get isItsTurn(): boolean;

  abstract get connection(): { destroy(): void } | undefined;

  abstract end(): void;

  abstract onClosed(listener: () => void): void;

  /** Where the rest of the request is to be read; undefined where whoever goes on finds it. */
  protected abstract get rest(): Readable | undefined;

  /** Whether all of the request came before anybody listened. */
  protected abstract get hasEnded(): boolean;

  /** Calls `came` with each piece of the request, and `ended` behind the last. */
  protected abstract listen(): void;

  /** Calls neither any more. */
  protected abstract forget(): void;

  /** Answers the request, all of which is there. */
  abstract answer(): void;

  /** Puts the answer on its way. */
  protected abstract send(answer: WireAnswer): void;

  /** Gives the call to Connect's own handler. */
  protected abstract giveToConnect(call: HandedOver): void;

  /** A piece of the request has come. */
  came(piece: Uint8Array): void {
    if (this.#pieces !== undefined) this.#gather(this.#pieces, piece);
    else if (this.body !== undefined) this.#begin(this.body, piece);
    else if (this.#mayBeWhole(piece)) this.body = piece;
    else this.#begin(piece);
  }

  /** All of the request has come. */
  ended(): void {
    this.body ??= this.#leavePieces();
    this.calls.open.remove(this);
    this.calls.ready.add(this);
  }

  isSlow(): void {
    if (this.#isAnswered) this.calls.watchAnswer?.(this);
    else this.#giveUp(...[this.#pieces?.bytes ?? this.body].filter((bytes) => bytes !== undefined));
  }

  protected override get hiddenHeaders(): readonly string[] {
    return this.calls.hiddenHeaders;
  }

  /** Reads the request. */
  protected read(): void {
    this.calls.open.add(this);
    // One without a body may have ended while the gate was asked.
    if (this.hasEnded) this.ended();
    else this.listen();
  }

  /** Sends the answer, and sees to it that somebody takes it. */
  protected sendWatched(answer: WireAnswer): void {
    this.send(answer);
    this.#isAnswered = true;
    this.bytes = answer.body.byteLength;
    if (this.bytes > SMALL_BYTES) this.calls.watchAnswer?.(this);
    else this.calls.open.add(this);
  }

  /** The call is over for its transport, answered or not. */
  protected closed(reasonOf: () => unknown): void {
    this.calls.open.remove(this);
    this.#leavePieces();
    this.over(reasonOf);
  }

  /** Lets Connect go on from here. */
  protected handOver(progress: Pick<Progress, "body" | "begun" | "refused" | "outcome">): void {
    if (this.isGone) return;
    this.calls.open.remove(this);
    this.forget();
    const { values } = this;
    const { header: responseHeader, trailer: responseTrailer } = this.touched;
    const over = (reason: unknown) => this.over(() => reason);
    // What is known already is told at once, whatever time is left.
    const isKnown = progress.outcome !== undefined || progress.refused !== undefined;
    const deadline = isKnown || this.timeoutMs() === undefined ? undefined : this;
    this.giveToConnect(
      new HandedOver({ ...progress, deadline, values, responseHeader, responseTrailer, over }),
    );
  }

  /** Whether the first piece of a body may be all of it. Of what cannot be read Connect says so at once. */
  #mayBeWhole(piece: Uint8Array): boolean {
    const { readMaxBytes } = this.direct;
    return this.form.isEnveloped ? soleMessage(piece) !== undefined : piece.byteLength <= readMaxBytes;
  }

  /** Puts together a request that has come in part, where it may be one that is answered here. */
  #begin(first: Uint8Array, second?: Uint8Array): void {
    const isPossible = second === undefined || !this.form.isEnveloped;
    if (!isPossible || !this.#mayGoOn(first) || !this.calls.inPieces.take()) {
      this.#giveUp(first, ...(second === undefined ? [] : [second]));
      return;
    }
    this.body = undefined;
    this.#pieces = new BodyPieces(first);
    if (second !== undefined) this.#gather(this.#pieces, second);
  }

  #gather(pieces: BodyPieces, piece: Uint8Array): void {
    const isSmall = pieces.add(piece);
    const { bytes } = pieces;
    if (!isSmall || !(this.#mayBeWhole(bytes) || this.#mayGoOn(bytes))) this.#giveUp(bytes);
  }

  #mayGoOn(bytes: Uint8Array): boolean {
    const { readMaxBytes } = this.direct;
    return this.form.isEnveloped ? mayGoOn(bytes, readMaxBytes) : bytes.byteLength < readMaxBytes;
  }

  /** What has come in pieces, which are not put together any more. */
  #leavePieces(): Uint8Array | undefined {
    const bytes = this.#pieces?.bytes;
    if (this.#pieces !== undefined) this.calls.inPieces.giveBack();
    this.#pieces = undefined;
    return bytes;
  }

  /** Gives the call to Connect, with what has been read of its request. */
  #giveUp(...begin: Uint8Array[]): void {
    this.#leavePieces();
    this.handOver({ begun: { begin, rest: this.rest } });
  }
}
