import type { Socket } from "node:net";
import { ClientFrames, type ClientFramesUser } from "./client-frames.ts";
import { ClientStreams } from "./client-streams.ts";
import { FLAG, FRAME, LARGEST_WINDOW, REASON, SETTING } from "./codes.ts";
import { behindTheEnd, beyondTheWindow, ConnectionFault, wrongFrame } from "./connection-fault.ts";
import type { ConnectionWatch, FramedConnectionOptions } from "./connection-options.ts";
import { frameOf, goAwayFrame, resetStream, settingsFrame, windowUpdate } from "./frame.ts";
import { FramedStream, type OnNodeStream, type PendingFrame } from "./framed-stream.ts";
import { HeaderDecoder } from "./header-decoder.ts";
import { type HeaderField, listOf } from "./header-field.ts";
import { IdleFrames } from "./idle-frames.ts";
import { type DecodedHead, KnownHeads } from "./known-heads.ts";
import { NodeSession, type NodeSessionUser } from "./node-session.ts";
import { peerSettingsIn } from "./peer-settings.ts";
import { Sender, type SenderUser } from "./sender.ts";
import { StuckAnswers } from "./stuck-answers.ts";

/** So many bytes of bodies are taken before the client is told that it may send more. */
const CREDIT_BYTES = 16 * 1024;

/** How many frames that ask for nothing a client may send for a stream that it begins, and for a piece of a body. */
const IDLE_FOR_STREAM = 16;
const IDLE_FOR_PIECE = 4;

/** How much is read, and forgotten, of a client that is told that its connection is ended. */
const MOST_FORGOTTEN_BYTES = 256 * 1024;

/** How long a client may take to read that it is to go, or why it is ended, in milliseconds. */
const GOODBYE_MS = 1_000;

/** What a client remembers of header blocks where it says nothing else, in bytes. */
const TABLE_BYTES = 4_096;

/** The name of a trailer. */
const TRAILER = /^[a-z0-9!#$%&'*+.^_`|~-]+$/;

/** Why streams are reset that their client has made wrong. */
const FAULTS: ReadonlySet<number> = new Set([
  REASON.protocolError,
  REASON.flowControlError,
  REASON.streamClosed,
  REASON.enhanceYourCalm,
]);

/** What a client is asked to send back. */
const SIGN_OF_LIFE = Buffer.alloc(8);
const GOODBYE = Buffer.from("goodbye.");

/**
 * A client's connection of HTTP/2 (RFC 9113). It reads frames and sends them, keeps to what each end may send, and knows
 * nothing of what requests mean. Whatever is unusual about a request is node:http2's to answer, in a session of its own.
 */
export class FramedConnection implements ClientFramesUser, NodeSessionUser, SenderUser {
  readonly socket: Socket;
  readonly isEncrypted: boolean;
  readonly #options: FramedConnectionOptions;
  readonly #sender: Sender;
  readonly #frames = new ClientFrames(this);
  readonly #heads: KnownHeads;
  readonly #streams = new ClientStreams();
  #watch: ConnectionWatch | undefined;
  #node: NodeSession | undefined;
  /** Streams that began in what is being read, with their requests. */
  #begun: (readonly [FramedStream, DecodedHead])[] = [];
  readonly #stuck: StuckAnswers;
  readonly #idleFrames: IdleFrames;
  /** How many frames that ask for nothing its client may have sent for what it has done. */
  #use = 0;
  #forgottenBytes = 0;
  #credit = 0;
  /** The client lets more be sent than before. */
  #isOpened = false;
  #isEveryStreamOpened = false;
  #callOffClosing: (() => void) | undefined;
  #callOffEnd: (() => void) | undefined;
  #isEnded = false;

  constructor(socket: Socket, options: FramedConnectionOptions) {
    this.socket = socket;
    this.isEncrypted = "encrypted" in socket;
    this.#options = options;
    this.#sender = new Sender(socket, this);
    const { clock, stuck } = options;
    this.#stuck = new StuckAnswers({ clock, timeoutMs: stuck.timeoutMs, holding: stuck.hold(this) });
    this.#idleFrames = new IdleFrames(clock);
    this.#heads = new KnownHeads(new HeaderDecoder(options.maxHeaderBytes));
  }

  /** How many bytes have come. */
  get bytesRead(): number {
    return this.socket.bytesRead;
  }

  get destroyed(): boolean {
    return this.socket.destroyed;
  }

  /** Greets the client, and reads what it sends. */
  begin(watch: ConnectionWatch): void {
    this.#watch = watch;
    const { maxConcurrentStreams, maxHeaderBytes } = this.#options;
    this.#sender.send(
      settingsFrame([
        [SETTING.maxConcurrentStreams, maxConcurrentStreams],
        [SETTING.maxHeaderListSize, maxHeaderBytes],
      ]),
    );
    this.socket.setNoDelay(true);
    this.socket.on("error", ignore);
    this.socket.once("close", () => this.#closed());
    this.socket.on("data", (chunk: Buffer) => this.#read(chunk));
  }

  /**
   * Tells the client to go, and ends when the last stream is over. Streams that were under way before it had heard of that
   * are served: it is told twice, and the second time which was the last (RFC 9113, section 6.8).
   */
  close(): void {
    if (this.#isEnded || this.#streams.isClosing || this.#callOffClosing !== undefined) return;
    this.#sender.send(goAwayFrame(LARGEST_WINDOW, REASON.noError));
    this.#sender.send(frameOf(FRAME.ping, 0, 0, GOODBYE));
    this.#callOffClosing = this.#options.clock.after(GOODBYE_MS, () => this.#closeNow(), true);
  }

  /** Asks for a sign of life. */
  askForLife(): void {
    this.#sender.send(frameOf(FRAME.ping, 0, 0, SIGN_OF_LIFE));
  }

  /** Ends it, and tells the client why. */
  end(code: number, reason = ""): void {
    if (this.#isEnded) return;
    this.#sender.send(goAwayFrame(this.#streams.lastId, code, reason));
    this.#end(code);
  }

  destroy(): void {
    this.socket.destroy();
  }

  respond(stream: FramedStream, head: Buffer, body: Buffer, trailers: Buffer | undefined): void {
    if (!stream.isClosed && !stream.isAnswered) this.#sender.sendAnswer(stream, head, body, trailers);
  }

  reset(stream: FramedStream, code: number): void {
    if (stream.isClosed) return;
    this.#sendReset(stream.id, code);
    if (stream.nodeId > 0) this.#node?.leave(stream, code);
    this.#close(stream, code);
  }

  forward(
    stream: FramedStream,
    list: readonly string[],
    tookBytes: number,
    onStream: OnNodeStream | undefined,
  ): void {
    this.#node ??= new NodeSession(this, this.#options.nodeServer, this.#sender.streamWindow);
    const node = this.#node;
    node.begin(stream, list, onStream);
    if (tookBytes > 0 && !stream.hasEnded) this.openStream(stream, tookBytes);
    stream.giveTo({
      came: (piece) => node.data(stream, piece),
      ended: () => node.end(stream),
      streamClosed: ignore,
    });
  }

  openStream(stream: FramedStream, bytes: number): void {
    stream.receiveWindow += bytes;
    this.#sender.send(windowUpdate(stream.id, bytes));
  }

  answer(stream: FramedStream, frame: PendingFrame): void {
    stream.hasAnswered = true;
    if ((frame.flags & FLAG.endStream) !== 0) stream.isAnswered = true;
    if (frame.kind === FRAME.data) this.#stuck.received(frame.payload.byteLength);
    this.#sender.queue(stream, frame);
    if (stream.pending !== undefined) this.#stuck.wait(stream);
  }

  resetByNode(stream: FramedStream, code: number): void {
    this.#node?.forget(stream.nodeId);
    if (code === REASON.noError && stream.pending !== undefined) {
      // It has answered, and does not want the rest of the request: what it has said is sent first.
      stream.pending.push({ kind: FRAME.resetStream, flags: 0, payload: Buffer.alloc(4) });
      stream.hasEnded = true;
      this.#streams.noteReset(stream.id);
      return;
    }
    this.#sendReset(stream.id, code);
    this.#close(stream, code);
  }

  finished(stream: FramedStream): void {
    // It is no more open for the client, who may begin another in its place.
    if (stream.hasEnded) this.#streams.remove(stream);
  }

  written(stream: FramedStream): void {
    stream.isWritten = true;
    this.#closeIfOver(stream);
  }

  sent(stream: FramedStream, bytes: number): void {
    if (stream.nodeId > 0) this.#sentOfNode(bytes);
  }

  drained(): void {
    if (this.socket.isPaused()) this.socket.resume();
  }

  headers(id: number, isLast: boolean, bytes: Buffer, from: number, to: number): void {
    const decoded = this.#heads.decode(bytes, from, to);
    const known = this.#streams.get(id);
    if (known !== undefined) {
      this.#trailers(known, decoded.fields, isLast);
      return;
    }
    if (id <= this.#streams.lastId && !this.#streams.isForgiven(id)) throw behindTheEnd("HEADERS");
    // Of one that begins behind the goodbye nothing is to be said: its client knows that it is not served.
    if (id <= this.#streams.lastId || this.#streams.isClosing) return;
    this.#streams.lastId = id;
    if (this.#streams.size >= this.#options.maxConcurrentStreams) {
      this.#sendReset(id, REASON.refusedStream);
      return;
    }
    this.#use += IDLE_FOR_STREAM;
    const stream = new FramedStream(id, this);
    stream.hasEnded = isLast;
    this.#streams.add(stream);
    this.#begun.push([stream, decoded]);
    this.#watch?.began(stream);
  }

  data(id: number, isLast: boolean, piece: Buffer, length: number): void {
    // As node:http2 has it, the windows of streams alone hold a client back: nobody waits for another's call.
    this.#taken(length);
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.hasEnded) {
      if (this.#streams.isIdle(id)) throw wrongFrame("DATA on an idle stream");
      if (!this.#streams.isForgiven(id)) throw behindTheEnd("DATA");
      return;
    }
    stream.receiveWindow -= length;
    if (stream.receiveWindow < 0) {
      this.reset(stream, REASON.flowControlError);
      return;
    }
    const padding = length - piece.byteLength;
    if (padding > 0) this.openStream(stream, padding);
    if (isLast) stream.hasEnded = true;
    if (piece.byteLength > 0) {
      this.#use += IDLE_FOR_PIECE;
      stream.came(piece);
    }
    if (!isLast) return;
    stream.ended();
    this.#closeIfOver(stream);
  }

  idle(): void {
    const forAnswers = this.#sender.sentPieces * IDLE_FOR_PIECE;
    if (this.#idleFrames.add(this.#use + forAnswers)) return;
    throw new ConnectionFault(REASON.enhanceYourCalm, "frames that ask for nothing");
  }

  ping(payload: Buffer, isAnswer: boolean): void {
    if (!isAnswer) this.#sender.send(frameOf(FRAME.ping, FLAG.ack, 0, payload));
    // The client has read the first goodbye: what it began before that is here.
    else if (this.#callOffClosing !== undefined && payload.equals(GOODBYE)) this.#closeNow();
  }

  goAway(code: number): void {
    if (code === REASON.noError) this.#closeNow();
    else this.destroy();
  }

  settings(payload: Buffer): void {
    const { streamWindow, tableBytes } = peerSettingsIn(payload);
    if (tableBytes !== undefined && tableBytes < TABLE_BYTES) this.#sender.oweTableSize();
    if (streamWindow !== undefined && streamWindow !== this.#sender.streamWindow) {
      this.#sender.streamWindow = streamWindow;
      this.#node?.resize(streamWindow);
      this.#isOpened = true;
      this.#isEveryStreamOpened = true;
    }
    this.#sender.send(frameOf(FRAME.settings, FLAG.ack, 0));
  }

  resetByClient(id: number, code: number): void {
    if (this.#streams.isIdle(id)) throw wrongFrame("RST_STREAM on an idle stream");
    const stream = this.#streams.get(id);
    if (stream !== undefined) {
      if (stream.nodeId > 0) this.#node?.leave(stream, code);
      this.#close(stream, code);
    }
    this.#watch?.reset();
  }

  windowUpdate(id: number, bytes: number): void {
    this.#isOpened = true;
    if (id === 0) {
      this.#sender.window += bytes;
      if (this.#sender.window > LARGEST_WINDOW) throw beyondTheWindow();
      return;
    }
    if (this.#streams.isIdle(id)) throw wrongFrame("WINDOW_UPDATE on an idle stream");
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.sendBalance += bytes;
    if (this.#sender.streamWindow + stream.sendBalance > LARGEST_WINDOW) {
      this.reset(stream, REASON.flowControlError);
      return;
    }
    if (stream.nodeId > 0) this.#node?.open(stream, bytes);
    this.#sender.opened(stream);
  }

  #read(chunk: Buffer): void {
    if (this.#isEnded) {
      this.#forgottenBytes += chunk.byteLength;
      if (this.#forgottenBytes > MOST_FORGOTTEN_BYTES) this.destroy();
      return;
    }
    try {
      this.#frames.read(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionFault)) throw error;
      this.end(error.code, error.message);
      return;
    }
    if (this.#begun.length > 0) this.#offer();
    if (this.#isOpened) this.#sendMore();
    // Who does not read is not read from.
    if (this.#sender.isFlooded) this.socket.pause();
  }

  /** What was read together is known together: a stream that is reset already is offered to nobody. */
  #offer(): void {
    const begun = this.#begun;
    this.#begun = [];
    for (const [stream, { fields, head }] of begun) {
      if (stream.isClosed) continue;
      if (fields === undefined) this.reset(stream, REASON.enhanceYourCalm);
      else if (head === undefined || !this.#options.take(stream, head)) {
        this.forward(stream, head?.list ?? listOf(fields), 0, undefined);
      }
    }
  }

  #sendMore(): void {
    this.#isOpened = false;
    if (this.#isEveryStreamOpened) {
      this.#isEveryStreamOpened = false;
      for (const stream of this.#streams.all()) this.#sender.opened(stream);
    }
    this.#sender.pump();
  }

  #trailers(stream: FramedStream, fields: readonly HeaderField[] | undefined, isLast: boolean): void {
    if (stream.hasEnded) {
      if (!this.#streams.isForgiven(stream.id)) throw behindTheEnd("HEADERS");
      return;
    }
    if (!isLast || fields === undefined || !fields.every(({ name }) => TRAILER.test(name))) {
      this.reset(stream, fields === undefined ? REASON.enhanceYourCalm : REASON.protocolError);
      return;
    }
    stream.hasEnded = true;
    if (stream.nodeId > 0) this.#node?.end(stream, listOf(fields));
    else stream.ended();
    this.#closeIfOver(stream);
  }

  /** So many bytes of bodies have come: the client may send as many more. */
  #taken(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit < CREDIT_BYTES) return;
    this.#sender.send(windowUpdate(0, this.#credit));
    this.#credit = 0;
  }

  #sentOfNode(bytes: number): void {
    this.#stuck.sent(bytes);
    this.#node?.sent(bytes);
  }

  #sendReset(id: number, code: number): void {
    this.#sender.send(resetStream(id, code));
    this.#streams.noteReset(id);
    // Who has streams reset by faults costs as much as who resets them (CVE-2025-8671).
    if (FAULTS.has(code)) this.#watch?.reset();
  }

  #closeIfOver(stream: FramedStream): void {
    if (stream.isWritten && stream.hasEnded) this.#close(stream, REASON.noError);
  }

  #close(stream: FramedStream, code: number): void {
    if (stream.isClosed) return;
    stream.isClosed = true;
    stream.resetCode = code;
    this.#streams.remove(stream);
    const unsent = this.#sender.forget(stream);
    if (stream.nodeId > 0) {
      this.#node?.forget(stream.nodeId);
      this.#sentOfNode(unsent);
    }
    stream.user?.streamClosed();
    this.#watch?.ended(stream);
    this.#endIfOver();
  }

  /** Takes no new streams, and ends when the last is over. */
  leftByNode(): void {
    this.#closeNow();
  }

  #closeNow(): void {
    if (this.#streams.isClosing || this.#isEnded) return;
    this.#callOffClosing?.();
    this.#sender.send(goAwayFrame(this.#streams.lastId, REASON.noError));
    this.#streams.isClosing = true;
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (!this.#streams.isClosing || this.#streams.size > 0 || this.#isEnded) return;
    this.#end(REASON.noError);
  }

  /** Sends what is to be sent, and waits for the client to read it; what that still sends is not read. */
  #end(code: number): void {
    this.#isEnded = true;
    this.#frames.stop();
    for (const stream of this.#streams.all()) this.#close(stream, code);
    this.#node?.close();
    this.#sender.flush();
    this.socket.end();
    this.socket.resume();
    this.#callOffEnd = this.#options.clock.after(GOODBYE_MS, () => this.socket.destroy(), true);
  }

  #closed(): void {
    this.#isEnded = true;
    this.#callOffClosing?.();
    this.#callOffEnd?.();
    for (const stream of [...this.#streams.all(), ...this.#sender.unwritten()]) {
      this.#close(stream, REASON.cancel);
    }
    this.#node?.close();
    this.#stuck.close();
    this.#watch?.closed();
  }
}

function ignore(): void {}
