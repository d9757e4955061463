import type { Socket } from "node:net";
import { FIRST_WINDOW, FLAG, FRAME, FRAME_BYTES } from "./codes.ts";
import { HEAD_BYTES, writeHead } from "./frame.ts";
import type { FramedStream, PendingFrame } from "./framed-stream.ts";

/** Answers wait for the client to read once so many bytes are on their way to it. */
const MOST_BYTES = 256 * 1024;

/** And are sent again when no more than so many are. */
const FEW_BYTES = 64 * 1024;

/** What is sent beside answers, and nobody reads, makes a flood of so many bytes. */
const FLOOD_BYTES = 512 * 1024;

/** Hears of what becomes of frames. */
export interface SenderUser {
  /** The last frame of a stream is on its way. */
  finished(stream: FramedStream): void;
  /** It is the system's to send. */
  written(stream: FramedStream): void;
  /** So many bytes of a stream's body have been sent. */
  sent(stream: FramedStream, bytes: number): void;
  /** Little is on its way. */
  drained(): void;
}

/** Sends the frames of a connection: all of one turn in one write, and no more of bodies than the client takes. */
export class Sender {
  /** How much the client takes of all bodies together, and of each stream's at first. */
  window = FIRST_WINDOW;
  streamWindow = FIRST_WINDOW;
  /** How many pieces of bodies it has sent. */
  sentPieces = 0;
  readonly #socket: Socket;
  readonly #user: SenderUser;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #isScheduled = false;
  /** Whether the client is still to be told that it has to remember nothing of header blocks (RFC 7541, section 4.2). */
  #owesTableSize = false;
  #hasToldTableSize = false;
  /** Streams whose last frame is among the pieces, and those of each write that the system has not taken yet. */
  #finished: FramedStream[] = [];
  readonly #writes: (readonly FramedStream[])[] = [];
  /** Streams of which something waits that their own windows let through, and those that the connection's holds back. */
  readonly #sendable = new Set<FramedStream>();
  readonly #heldBack = new Set<FramedStream>();

  constructor(socket: Socket, user: SenderUser) {
    this.#socket = socket;
    this.#user = user;
  }

  /** Whether answers wait for the client to read. */
  get isFull(): boolean {
    return this.#unreadBytes > MOST_BYTES;
  }

  /** Whether the client asks for more answers of frames (PING, SETTINGS) than it reads. */
  get isFlooded(): boolean {
    return this.#unreadBytes > FLOOD_BYTES;
  }

  get #unreadBytes(): number {
    return this.#bytes + this.#socket.writableLength;
  }

  /** The client remembers less than it did: the next header block says that it need not remember anything. */
  oweTableSize(): void {
    this.#owesTableSize = !this.#hasToldTableSize;
  }

  /** Sends frames that no window holds back. */
  send(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.flush);
  }

  /** Sends a whole answer. */
  sendAnswer(stream: FramedStream, head: Buffer, body: Buffer, trailers: Buffer | undefined): void {
    stream.hasAnswered = true;
    stream.isAnswered = true;
    const length = body.byteLength;
    const bodyFlags = trailers === undefined ? FLAG.endStream : 0;
    // Where there is nothing between head and trailers, no frame says so.
    const isBare = length === 0 && trailers !== undefined;
    const isFree = stream.pending === undefined && length <= FRAME_BYTES && !this.isFull;
    if (!isFree || length > this.window || length > this.streamWindow + stream.sendBalance) {
      this.queue(stream, { kind: FRAME.headers, flags: FLAG.endHeaders, payload: head });
      if (!isBare) this.queue(stream, { kind: FRAME.data, flags: bodyFlags, payload: body });
      if (trailers !== undefined) {
        this.queue(stream, { kind: FRAME.headers, flags: END_OF_TRAILERS, payload: trailers });
      }
      return;
    }
    head = this.#withTableSize(head);
    const bodyBytes = isBare ? 0 : HEAD_BYTES + length;
    const trailerBytes = trailers === undefined ? 0 : HEAD_BYTES + trailers.byteLength;
    const bytes = Buffer.allocUnsafe(HEAD_BYTES + head.byteLength + bodyBytes + trailerBytes);
    let at = writeHead(bytes, 0, head.byteLength, FRAME.headers, FLAG.endHeaders, stream.id);
    bytes.set(head, at);
    at += head.byteLength;
    if (!isBare) {
      at = writeHead(bytes, at, length, FRAME.data, bodyFlags, stream.id);
      bytes.set(body, at);
      at += length;
      this.sentPieces++;
    }
    if (trailers !== undefined) {
      at = writeHead(bytes, at, trailers.byteLength, FRAME.headers, END_OF_TRAILERS, stream.id);
      bytes.set(trailers, at);
    }
    this.window -= length;
    stream.sendBalance -= length;
    this.#finish(stream);
    this.send(bytes);
  }

  /** Sends a frame of a stream behind those that wait, as soon as the client takes it. */
  queue(stream: FramedStream, frame: PendingFrame): void {
    if (stream.pending === undefined) {
      stream.pending = [frame];
      this.#sendable.add(stream);
      this.pump();
    } else stream.pending.push(frame);
  }

  /** The client takes more of a stream. */
  opened(stream: FramedStream): void {
    if (stream.pending !== undefined && !this.#heldBack.has(stream)) this.#sendable.add(stream);
  }

  /** What waits of a stream is not to be sent any more. Answers how many bytes of its body that was. */
  forget(stream: FramedStream): number {
    const { pending = [] } = stream;
    stream.pending = undefined;
    this.#sendable.delete(stream);
    this.#heldBack.delete(stream);
    return pending.reduce(
      (sum, { kind, payload }) => sum + (kind === FRAME.data ? payload.byteLength : 0),
      0,
    );
  }

  /** Sends what the client takes of what waits, a frame of each stream in turn. */
  pump(): void {
    for (let stream = this.#next(); stream !== undefined && !this.isFull; stream = this.#next()) {
      this.#sendable.delete(stream);
      this.#heldBack.delete(stream);
      if (this.#sendNext(stream)) {
        if (stream.pending !== undefined) this.#sendable.add(stream);
      } else if (this.streamWindow + stream.sendBalance > 0) this.#heldBack.add(stream);
    }
  }

  /** All streams whose last frames the system has not taken. */
  unwritten(): FramedStream[] {
    return [...this.#writes.flat(), ...this.#finished];
  }

  readonly flush = (): void => {
    this.#isScheduled = false;
    if (this.#pieces.length === 0 || !this.#socket.writable) return;
    const bytes = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    // A list of its own for each write: what is finished later is written later.
    const hasFinished = this.#finished.length > 0;
    this.#writes.push(hasFinished ? this.#finished : NONE);
    if (hasFinished) this.#finished = [];
    this.#socket.write(bytes as Buffer, this.#written);
  };

  readonly #written = (error?: Error | null): void => {
    const finished = this.#writes.shift() ?? [];
    if (error) return;
    for (const stream of finished) this.#user.written(stream);
    if (this.#socket.writableLength > FEW_BYTES) return;
    this.pump();
    this.#user.drained();
  };

  #next(): FramedStream | undefined {
    const [stream] = this.#sendable;
    if (stream !== undefined || this.window <= 0) return stream;
    const [heldBack] = this.#heldBack;
    return heldBack;
  }

  /** Sends the next frame of a stream, or as much of it as the client takes; false where that is nothing. */
  #sendNext(stream: FramedStream): boolean {
    const [frame] = stream.pending ?? [];
    if (frame === undefined) return false;
    const { kind, payload } = frame;
    const length = payload.byteLength;
    if (kind !== FRAME.data) return this.#sendFirst(stream, frame, length);
    const room = Math.min(this.window, this.streamWindow + stream.sendBalance, FRAME_BYTES);
    if (length > 0 && room <= 0) return false;
    const now = Math.max(0, Math.min(room, length));
    this.window -= now;
    stream.sendBalance -= now;
    this.sentPieces++;
    this.#user.sent(stream, now);
    return this.#sendFirst(stream, frame, now);
  }

  #sendFirst(stream: FramedStream, frame: PendingFrame, length: number): boolean {
    const { kind, isFramed = false } = frame;
    if (kind === FRAME.headers && !isFramed) {
      frame.payload = this.#withTableSize(frame.payload);
      length = frame.payload.byteLength;
    }
    const { payload } = frame;
    const isWhole = length === payload.byteLength;
    const flags = isWhole ? frame.flags : frame.flags & ~FLAG.endStream;
    const headBytes = isFramed ? 0 : HEAD_BYTES;
    const bytes = Buffer.allocUnsafe(headBytes + length);
    bytes.set(payload.subarray(0, length), headBytes);
    if (!isFramed) writeHead(bytes, 0, length, kind, flags, stream.id);
    stream.sentFrames++;
    if (isWhole) this.#leave(stream, (flags & FLAG.endStream) !== 0 || kind === FRAME.resetStream);
    else frame.payload = payload.subarray(length);
    this.send(bytes);
    return true;
  }

  #leave(stream: FramedStream, isLast: boolean): void {
    stream.pending?.shift();
    if (stream.pending?.length === 0) stream.pending = undefined;
    if (isLast && stream.pending === undefined) this.#finish(stream);
  }

  #finish(stream: FramedStream): void {
    this.#finished.push(stream);
    this.#user.finished(stream);
  }

  /** A header block, with what is owed before it. The first of node:http2 says so itself. */
  #withTableSize<Block extends Uint8Array>(block: Block): Block | Buffer {
    if (this.#hasToldTableSize) return block;
    const says = ((block[0] ?? 0) & 0xe0) === 0x20;
    if (!says && !this.#owesTableSize) return block;
    this.#hasToldTableSize = true;
    this.#owesTableSize = false;
    return says ? block : Buffer.concat([NO_TABLE, block]);
  }
}

/** A header table of no size. */
const NO_TABLE = Buffer.from([0x20]);

/** Writes after which no stream is over. */
const NONE: readonly FramedStream[] = [];

const END_OF_TRAILERS = FLAG.endHeaders | FLAG.endStream;
