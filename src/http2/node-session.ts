import type { Http2Server, Http2Session, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { FLAG, FRAME, FRAME_BYTES, PREFACE, REASON, SETTING } from "./codes.ts";
import { frameOf, readUint32, resetStream, settingsFrame, windowUpdate } from "./frame.ts";
import { FrameReader } from "./frame-reader.ts";
import type { FramedStream, OnNodeStream, PendingFrame, StreamConnection } from "./framed-stream.ts";
import { headerBlock } from "./header-block.ts";
import { NodeSocket } from "./node-socket.ts";

/** The connection that a session of node:http2 answers streams of. */
export interface NodeSessionUser extends StreamConnection {
  /** The client may send so many bytes more on a stream. */
  openStream(stream: FramedStream, bytes: number): void;
  /** Sends a frame of an answer. */
  answer(stream: FramedStream, frame: PendingFrame): void;
  /** A stream is reset. */
  resetByNode(stream: FramedStream, code: number): void;
  /** The connection is to be ended. */
  end(code: number): void;
  /** The session takes no more streams. */
  leftByNode(): void;
}

/** Of what node:http2 has sent, so much may be on its way before it is told that it may send more. */
const CREDIT_BYTES = 16 * 1024;

/**
 * A session of node:http2 for those streams of a connection that it is to answer: nothing it does can be told from what it
 * does on a connection of its own. It has its own numbers for the streams.
 */
export class NodeSession {
  readonly #connection: NodeSessionUser;
  readonly #socket: NodeSocket;
  readonly #reader: FrameReader;
  readonly #streams = new Map<number, FramedStream>();
  readonly #onStreams = new Map<number, OnNodeStream>();
  #nextId = 1;
  #out: Buffer[] = [];
  /** What waits until node:http2's own limits hold, which they do once its SETTINGS are acknowledged. */
  #held: Buffer[] | undefined;
  #credit = 0;
  /** A header block that goes on in the next frame. */
  #block: Buffer[] = [];
  /** Whether it has said goodbye. */
  #isLeaving = false;

  constructor(connection: NodeSessionUser, server: Http2Server, streamWindow: number) {
    this.#connection = connection;
    this.#reader = new FrameReader((kind, flags, id, bytes, from, to) =>
      this.#take(kind, flags, id, bytes.subarray(from, to)),
    );
    this.#socket = new NodeSocket((bytes) => this.#reader.read(bytes));
    let made: ServerHttp2Session | undefined;
    server.once("session", (session: ServerHttp2Session) => {
      made = session;
    });
    server.emit("connection", this.#socket);
    this.#socket.once("close", () => {
      if (!this.#isLeaving) connection.end(REASON.internalError);
    });
    if (made === undefined) throw new Error("node:http2 has made no session");
    sessions.set(made, this);
    // Whoever asks whether a call came over TLS asks the session's socket.
    Object.assign(made.socket, { encrypted: connection.isEncrypted });
    // What node:http2 remembers of its header blocks would have to be remembered by the client in the same order.
    this.#send(PREFACE);
    this.#send(
      settingsFrame([
        [SETTING.headerTableSize, 0],
        [SETTING.enablePush, 0],
        [SETTING.initialWindowSize, streamWindow],
      ]),
    );
    this.#held = [];
  }

  get connection(): NodeSessionUser {
    return this.#connection;
  }

  /** Begins a stream; `onStream` gets it, or whoever listens for the server's streams. */
  begin(stream: FramedStream, list: readonly string[], onStream: OnNodeStream | undefined): void {
    const id = this.#nextId;
    this.#nextId += 2;
    stream.nodeId = id;
    this.#streams.set(id, stream);
    if (onStream !== undefined) this.#onStreams.set(id, onStream);
    this.#headers(id, list, false);
    if (stream.sendBalance > 0) this.open(stream, stream.sendBalance);
  }

  /** A piece of its body. */
  data({ nodeId }: FramedStream, piece: Uint8Array): void {
    this.#send(frameOf(FRAME.data, 0, nodeId, piece));
  }

  /** The end of its body, with trailers where there are any. */
  end({ nodeId }: FramedStream, trailers?: readonly string[]): void {
    if (trailers === undefined) this.#send(frameOf(FRAME.data, FLAG.endStream, nodeId));
    else this.#headers(nodeId, trailers, true);
  }

  /** The client takes more of it. */
  open({ nodeId }: FramedStream, bytes: number): void {
    this.#send(windowUpdate(nodeId, bytes));
  }

  /** It is over for the client. */
  leave({ nodeId }: FramedStream, code: number): void {
    this.#send(resetStream(nodeId, code));
    this.forget(nodeId);
  }

  /** The client takes so much of each stream at first from now on. */
  resize(streamWindow: number): void {
    this.#send(settingsFrame([[SETTING.initialWindowSize, streamWindow]]));
  }

  /** So many bytes of bodies have been sent, or never will be. */
  sent(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit < CREDIT_BYTES) return;
    this.#send(windowUpdate(0, this.#credit));
    this.#credit = 0;
  }

  forget(nodeId: number): void {
    this.#streams.delete(nodeId);
    this.#onStreams.delete(nodeId);
  }

  /** Takes the one who is to get a stream, where somebody is. */
  takeOnStream(nodeId: number | undefined): OnNodeStream | undefined {
    const onStream = this.#onStreams.get(nodeId ?? 0);
    this.#onStreams.delete(nodeId ?? 0);
    return onStream;
  }

  /** The connection is closed. */
  close(): void {
    this.#socket.destroy();
  }

  #headers(id: number, list: readonly string[], isEnd: boolean): void {
    const block = headerBlock(list);
    const kindOf = (at: number) => (at === 0 ? FRAME.headers : FRAME.continuation);
    let at = 0;
    do {
      const end = Math.min(at + FRAME_BYTES, block.byteLength);
      const last = end === block.byteLength ? FLAG.endHeaders : 0;
      const flags = last | (isEnd && at === 0 ? FLAG.endStream : 0);
      this.#send(frameOf(kindOf(at), flags, id, block.subarray(at, end)));
      at = end;
    } while (at < block.byteLength);
  }

  /** Frames of one turn are read together. */
  #send(bytes: Buffer): void {
    if (this.#held === undefined) this.#push(bytes);
    else this.#held.push(bytes);
  }

  #push(bytes: Buffer): void {
    if (this.#out.push(bytes) === 1) process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    const bytes = this.#out.length === 1 ? this.#out[0] : Buffer.concat(this.#out);
    this.#out = [];
    if (!this.#socket.destroyed) this.#socket.push(bytes);
  };

  /** A frame of node:http2. */
  #take(kind: number, flags: number, id: number, payload: Buffer): void {
    if (id === 0) this.#takeOfSession(kind, flags, payload);
    else {
      const stream = this.#streams.get(id);
      if (stream !== undefined) this.#takeOfStream(stream, kind, flags, payload);
      else if (kind === FRAME.data) this.sent(payload.byteLength);
    }
  }

  #takeOfSession(kind: number, flags: number, payload: Buffer): void {
    if (kind === FRAME.settings && (flags & FLAG.ack) === 0) {
      this.#push(frameOf(FRAME.settings, FLAG.ack, 0));
      const held = this.#held ?? [];
      this.#held = undefined;
      for (const bytes of held) this.#push(bytes);
    } else if (kind === FRAME.goAway) {
      const code = readUint32(payload, 4);
      if (code === REASON.noError) this.#takeGoodbye(readUint32(payload, 0));
      else this.#connection.end(code);
    }
  }

  /** It goes of its own accord, as it does after trailers that it could not send. What came too late is to be sent again. */
  #takeGoodbye(lastId: number): void {
    this.#isLeaving = true;
    this.#connection.leftByNode();
    for (const [id, stream] of [...this.#streams]) {
      if (id > lastId) this.#connection.resetByNode(stream, REASON.refusedStream);
    }
  }

  #takeOfStream(stream: FramedStream, kind: number, flags: number, payload: Buffer): void {
    switch (kind) {
      case FRAME.windowUpdate:
        this.#connection.openStream(stream, readUint32(payload, 0));
        return;
      case FRAME.resetStream:
        this.#connection.resetByNode(stream, readUint32(payload, 0));
        return;
      case FRAME.data:
        this.#connection.answer(stream, { kind, flags: flags & FLAG.endStream, payload });
        return;
      case FRAME.headers:
      case FRAME.continuation:
        this.#takeHeaders(stream, kind, flags, payload);
    }
  }

  /** A header block is sent with all that belongs to it: no other frame may come between. */
  #takeHeaders(stream: FramedStream, kind: number, flags: number, payload: Buffer): void {
    const isWhole = (flags & FLAG.endHeaders) !== 0;
    if (kind === FRAME.headers && isWhole) {
      this.#connection.answer(stream, { kind, flags, payload });
      return;
    }
    this.#block.push(frameOf(kind, flags, stream.id, payload));
    if (!isWhole) return;
    const frames = Buffer.concat(this.#block);
    this.#block = [];
    // The first frame of the block has the flags of the stream.
    this.#connection.answer(stream, {
      kind: FRAME.headers,
      flags: frames[4] ?? 0,
      payload: frames,
      isFramed: true,
    });
  }
}

const sessions = new WeakMap<Http2Session, NodeSession>();

/** The connection whose streams a session of node:http2 answers; undefined where it has its own. */
export function connectionOf(session: Http2Session | undefined): NodeSessionUser | undefined {
  return session && sessions.get(session)?.connection;
}

/** Takes the one who is to get a stream of node:http2 that was given to it, where somebody is. */
export function takeOnStream({ id, session }: ServerHttp2Stream): OnNodeStream | undefined {
  return session && sessions.get(session)?.takeOnStream(id);
}
