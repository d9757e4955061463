import type { OutgoingHttpHeaders } from "node:http";
import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { ContextValues } from "@connectrpc/connect";
import { REASON } from "../http2/codes.ts";
import type { FramedStream, StreamUser } from "../http2/framed-stream.ts";
import { headerBlock } from "../http2/header-block.ts";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { streamEnded } from "./errors.ts";
import type { HandedOver } from "./handed-over.ts";
import { areForHttp2 } from "./headers.ts";
import type { HeldHeaders } from "./held-headers.ts";
import { UnaryCall } from "./unary-call.ts";
import type { WireAnswer } from "./wire-answer.ts";

/** Answers a call by HTTP/2 that is handed over, with node:http2's own stream. */
export type AnswerStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  call: HandedOver,
) => void;

/** A header block larger than this would need several frames. */
const MOST_BLOCK_BYTES = 16_000;

/** A unary call over a stream of this package's own HTTP/2. */
export class FramedCall extends UnaryCall implements StreamUser {
  readonly #stream: FramedStream;
  readonly #toConnect: AnswerStream;
  #announcedBytes: number | undefined;
  #cameBytes = 0;
  #onClosed: (() => void)[] | undefined;

  constructor(
    stream: FramedStream,
    headers: HeldHeaders,
    request: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toConnect: AnswerStream,
  ) {
    super(request, headers, calls, values);
    this.#stream = stream;
    this.#toConnect = toConnect;
    const announced = headers.given()["content-length"];
    if (announced !== undefined) this.#announcedBytes = Number(announced);
  }

  override get isGone(): boolean {
    return this.#stream.isClosed;
  }

  protected override get target(): RequestTarget {
    const given: IncomingHttpHeaders = this.headers.given();
    const { ":authority": authority = given.host, ":path": path = "" } = given;
    return { isEncrypted: this.#stream.connection.isEncrypted, authority, path };
  }

  /** What is not read yet comes with node:http2's own request, where the call is handed over. */
  protected override get rest(): undefined {
    return undefined;
  }

  protected override get hasEnded(): boolean {
    return false;
  }

  protected override get isWhole(): boolean {
    return this.#stream.hasEnded && this.#isAsAnnounced(this.#cameBytes + this.#stream.unreadBytes);
  }

  /** As node:http2 has it (RFC 9113, section 8.1.1). */
  #isAsAnnounced(bytes: number): boolean {
    return this.#announcedBytes === undefined || this.#announcedBytes === bytes;
  }

  protected override listen(): void {
    this.#stream.read();
  }

  protected override forget(): void {}

  override came(piece: Uint8Array): void {
    this.#cameBytes += piece.byteLength;
    super.came(piece);
  }

  override ended(): void {
    if (this.#isAsAnnounced(this.#cameBytes)) super.ended();
    else this.#stream.reset(REASON.protocolError);
  }

  protected override canSay(header: Headers | undefined, trailer: Headers | undefined): boolean {
    return areForHttp2(header) && areForHttp2(trailer);
  }

  protected override send({ status, head, body, trailers }: WireAnswer): void {
    const headBlock = headBlockOf(status, head, this.calls.date.block);
    const trailerBlock = trailers && blockOf(trailers);
    if (Math.max(headBlock.byteLength, trailerBlock?.byteLength ?? 0) > MOST_BLOCK_BYTES) {
      throw new RangeError("headers of more than one frame");
    }
    this.#stream.respond(headBlock, body, trailerBlock);
  }

  protected override giveToConnect(call: HandedOver): void {
    if (this.#stream.hasEnded && !this.isWhole) {
      this.#stream.reset(REASON.protocolError);
      return;
    }
    const list = this.headers.list().filter((_, i, all) => all[i - (i % 2)] !== "content-length");
    this.#stream.forward(list, this.#cameBytes, (stream, headers) => this.#toConnect(stream, headers, call));
  }

  /** The stream is over. */
  streamClosed(): void {
    const { resetCode } = this.#stream;
    this.closed(() => streamEnded(resetCode));
    for (const listener of this.#onClosed ?? []) listener();
  }

  get isItsTurn(): boolean {
    return true;
  }

  get connection(): { destroy(): void } {
    return this.#stream.connection;
  }

  end(): void {
    // What is on its way already cannot be taken back.
    if (this.#stream.isAnswered && this.#stream.pending === undefined) this.#stream.connection.destroy();
    else this.#stream.reset(REASON.cancel);
  }

  onClosed(listener: () => void): void {
    if (this.#stream.isClosed) listener();
    else {
      this.#onClosed ??= [];
      this.#onClosed.push(listener);
    }
  }
}

/** `:status: 200`. */
const STATUS_OK = Buffer.from([0x88]);

const OK = 200;

/** The blocks of heads, with the second that they are of. */
const heads = new WeakMap<OutgoingHttpHeaders, { readonly date: Buffer; readonly block: Buffer }>();

function headBlockOf(status: number, head: OutgoingHttpHeaders, date: Buffer): Buffer {
  const made = heads.get(head);
  if (made?.date === date) return made.block;
  const hasOwn = "date" in head;
  const statusBlock = status === OK ? STATUS_OK : headerBlock([":status", String(status)]);
  const block = Buffer.concat(hasOwn ? [statusBlock, blockOf(head)] : [statusBlock, blockOf(head), date]);
  if (Object.isFrozen(head)) heads.set(head, { date, block });
  return block;
}

/** The blocks of heads and trailers that are the same for many answers. */
const known = new WeakMap<OutgoingHttpHeaders, Buffer>();

function blockOf(headers: OutgoingHttpHeaders): Buffer {
  const block = known.get(headers);
  if (block !== undefined) return block;
  const list: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    for (const one of Array.isArray(value) ? value : [value]) list.push(name, String(one));
  }
  const made = headerBlock(list);
  if (Object.isFrozen(headers)) known.set(headers, made);
  return made;
}
