import { FLAG, FRAME, LARGEST_WINDOW, PREFACE, REASON } from "./codes.ts";
import { ConnectionFault, wrongFrame, wrongSize } from "./connection-fault.ts";
import { readUint32 } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";

/** What a client's frames say. */
export interface ClientFramesUser {
  /** A header block of a stream, from `from` to `to`. */
  headers(stream: number, isLast: boolean, bytes: Buffer, from: number, to: number): void;
  /** A piece of a body, which takes `length` of the window with its padding. */
  data(stream: number, isLast: boolean, piece: Buffer, length: number): void;
  resetByClient(stream: number, code: number): void;
  settings(payload: Buffer): void;
  ping(payload: Buffer, isAnswer: boolean): void;
  goAway(code: number): void;
  windowUpdate(stream: number, bytes: number): void;
  /** A frame that begins nothing and brings nothing, whatever it says. */
  idle(): void;
}

/** The largest header block, as it is sent, and in how many frames more than one (those of a flood are empty). */
const MOST_BLOCK_BYTES = 64 * 1024;
const MOST_CONTINUATIONS = 8;

interface BegunBlock {
  readonly stream: number;
  readonly isLast: boolean;
  readonly pieces: Buffer[];
  bytes: number;
}

/** Reads what a client sends, frame by frame, and sees to it that each is right by itself (RFC 9113, section 6). */
export class ClientFrames {
  readonly #user: ClientFramesUser;
  readonly #reader: FrameReader;
  /** What is left of the preface. */
  #prefaceBytes = PREFACE.byteLength;
  #hasSettings = false;
  /** A header block that goes on in the next frame. */
  #block: BegunBlock | undefined;
  #isOver = false;

  constructor(user: ClientFramesUser) {
    this.#user = user;
    this.#reader = new FrameReader((...frame) => this.#take(...frame));
  }

  /** Takes what has come. Throws a ConnectionFault for what is wrong, and what its user throws. */
  read(chunk: Buffer): void {
    const rest = this.#prefaceBytes > 0 ? this.#readPreface(chunk) : chunk;
    if (rest.byteLength > 0) this.#reader.read(rest);
  }

  /** Nothing more is read, not even the rest of what has come. */
  stop(): void {
    this.#isOver = true;
  }

  #readPreface(chunk: Buffer): Buffer {
    const length = Math.min(this.#prefaceBytes, chunk.byteLength);
    const at = PREFACE.byteLength - this.#prefaceBytes;
    if (!chunk.subarray(0, length).equals(PREFACE.subarray(at, at + length))) {
      throw wrongFrame("no preface of HTTP/2");
    }
    this.#prefaceBytes -= length;
    return chunk.subarray(length);
  }

  #take(kind: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (this.#isOver) return;
    if (this.#block !== undefined && (kind !== FRAME.continuation || id !== this.#block.stream)) {
      throw wrongFrame("a frame within a header block");
    }
    if (kind > FRAME.headers && kind !== FRAME.continuation) this.#user.idle();
    if (!this.#hasSettings && kind !== FRAME.settings) throw wrongFrame("a frame before SETTINGS");
    switch (kind) {
      case FRAME.data:
        this.#takeData(flags, id, bytes, from, to);
        return;
      case FRAME.headers:
        this.#takeHeaders(flags, id, bytes, from, to);
        return;
      case FRAME.continuation:
        this.#takeContinuation(flags, bytes, from, to);
        return;
      case FRAME.priority:
        if (id === 0) throw wrongFrame("PRIORITY on stream 0");
        if (to - from !== 5) throw wrongSize("PRIORITY");
        checkDependency(id, bytes, from);
        return;
      case FRAME.resetStream:
        if (to - from !== 4) throw wrongSize("RST_STREAM");
        this.#user.resetByClient(id, readUint32(bytes, from));
        return;
      case FRAME.settings:
        this.#takeSettings(flags, id, bytes.subarray(from, to));
        return;
      case FRAME.pushPromise:
        throw wrongFrame("PUSH_PROMISE by a client");
      case FRAME.ping:
        if (id !== 0) throw wrongFrame("PING on a stream");
        if (to - from !== 8) throw wrongSize("PING");
        this.#user.ping(bytes.subarray(from, to), (flags & FLAG.ack) !== 0);
        return;
      case FRAME.goAway:
        if (id !== 0) throw wrongFrame("GOAWAY on a stream");
        if (to - from < 8) throw wrongSize("GOAWAY");
        this.#user.goAway(readUint32(bytes, from + 4));
        return;
      case FRAME.windowUpdate:
        this.#takeWindowUpdate(id, bytes, from, to);
    }
  }

  #takeData(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const begin = (flags & FLAG.padded) === 0 ? from : from + 1;
    const end = begin === from ? to : to - (bytes[from] ?? 0);
    if (begin > end) throw wrongFrame("more padding than DATA");
    const isLast = (flags & FLAG.endStream) !== 0;
    if (begin === end && !isLast) this.#user.idle();
    this.#user.data(id, isLast, bytes.subarray(begin, end), to - from);
  }

  #takeHeaders(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (id % 2 === 0) throw wrongFrame("HEADERS on a stream that is no client's");
    const isPadded = (flags & FLAG.padded) !== 0;
    const hasPriority = (flags & FLAG.priority) !== 0;
    const begin = from + (isPadded ? 1 : 0) + (hasPriority ? 5 : 0);
    const end = isPadded ? to - (bytes[from] ?? 0) : to;
    if (begin > end) throw wrongFrame("more padding than HEADERS");
    if (hasPriority) checkDependency(id, bytes, begin - 5);
    const isLast = (flags & FLAG.endStream) !== 0;
    if ((flags & FLAG.endHeaders) !== 0) {
      this.#user.headers(id, isLast, bytes, begin, end);
      return;
    }
    const piece = Buffer.from(bytes.subarray(begin, end));
    this.#block = { stream: id, isLast, pieces: [piece], bytes: piece.byteLength };
  }

  #takeContinuation(flags: number, bytes: Buffer, from: number, to: number): void {
    const block = this.#block;
    if (block === undefined) throw wrongFrame("CONTINUATION of nothing");
    block.pieces.push(Buffer.from(bytes.subarray(from, to)));
    block.bytes += to - from;
    if (block.bytes > MOST_BLOCK_BYTES || block.pieces.length > MOST_CONTINUATIONS + 1) {
      throw new ConnectionFault(REASON.enhanceYourCalm, "a header block without end");
    }
    if ((flags & FLAG.endHeaders) === 0) return;
    this.#block = undefined;
    this.#user.headers(block.stream, block.isLast, Buffer.concat(block.pieces), 0, block.bytes);
  }

  #takeSettings(flags: number, id: number, payload: Buffer): void {
    if (id !== 0) throw wrongFrame("SETTINGS on a stream");
    const isAck = (flags & FLAG.ack) !== 0;
    if (payload.byteLength % 6 !== 0 || (isAck && payload.byteLength > 0)) throw wrongSize("SETTINGS");
    this.#hasSettings = true;
    if (!isAck) this.#user.settings(payload);
  }

  #takeWindowUpdate(id: number, bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) throw wrongSize("WINDOW_UPDATE");
    const more = readUint32(bytes, from) & LARGEST_WINDOW;
    if (more === 0) throw wrongFrame("WINDOW_UPDATE by nothing");
    this.#user.windowUpdate(id, more);
  }
}

/** Priorities are not kept to (RFC 9113, section 5.3.2), beyond what they must not say. */
function checkDependency(id: number, bytes: Buffer, from: number): void {
  if ((readUint32(bytes, from) & LARGEST_WINDOW) === id) throw wrongFrame("a stream that depends on itself");
}
