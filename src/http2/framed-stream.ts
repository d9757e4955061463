import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { FIRST_WINDOW, REASON } from "./codes.ts";

/** Gets a stream of node:http2 with its headers. */
export type OnNodeStream = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Who answers a stream. */
export interface StreamUser {
  /** A piece of the request has come. */
  came(piece: Uint8Array): void;
  /** All of it has. */
  ended(): void;
  /** The stream is over: all of its answer is sent, or one of the two ends has reset it (`resetCode`). */
  streamClosed(): void;
}

/** What streams need of their connection. */
export interface StreamConnection {
  readonly socket: Socket;
  readonly isEncrypted: boolean;
  respond(stream: FramedStream, head: Buffer, body: Buffer, trailers: Buffer | undefined): void;
  reset(stream: FramedStream, code: number): void;
  forward(
    stream: FramedStream,
    list: readonly string[],
    tookBytes: number,
    onStream: OnNodeStream | undefined,
  ): void;
  destroy(): void;
}

/** A frame that waits to be sent. */
export interface PendingFrame {
  readonly kind: number;
  readonly flags: number;
  /** What of the payload is not sent yet. */
  payload: Uint8Array;
  /** Whether the payload is whole frames already: a header block of more than one. */
  readonly isFramed?: boolean;
}

/** One stream of a connection: a request as it comes, and its answer as it goes. */
export class FramedStream {
  readonly id: number;
  readonly connection: StreamConnection;
  user: StreamUser | undefined;
  /** Why it was reset, by either end. */
  resetCode: number = REASON.noError;
  isClosed = false;
  /** Whether all of the request has come. */
  hasEnded = false;
  /** Whether anything of the answer is sent. */
  hasAnswered = false;
  /** Whether all of the answer is sent, or waits to be. */
  isAnswered = false;
  /** Whether the system has taken all of it. */
  isWritten = false;
  /** How many bytes the client may send. */
  receiveWindow = FIRST_WINDOW;
  /** How many bytes more, or fewer, may be sent than the client lets all of its streams have at first. */
  sendBalance = 0;
  /** What waits for the client to take more. */
  pending: PendingFrame[] | undefined;
  /** How many frames of it were sent that had waited. */
  sentFrames = 0;
  /** Its number in the session of node:http2 that has it; 0 where none has. */
  nodeId = 0;
  /** What has come before anybody reads. */
  #unread: Uint8Array[] | undefined;
  #isRead = false;
  #isEndTold = false;

  constructor(id: number, connection: StreamConnection) {
    this.id = id;
    this.connection = connection;
  }

  /** How much has come that nobody has read. */
  get unreadBytes(): number {
    return this.#unread?.reduce((sum, { byteLength }) => sum + byteLength, 0) ?? 0;
  }

  /** Has its user told of the request from now on, and of what has come already. */
  read(): void {
    if (this.#isRead) return;
    this.#isRead = true;
    const unread = this.#unread;
    this.#unread = undefined;
    for (const piece of unread ?? []) this.#give(piece);
    if (this.hasEnded) this.#end();
  }

  /** Has another user, who is told of what the first was not told, and of the end. */
  giveTo(user: StreamUser): void {
    this.user = user;
    if (this.#isEndTold) user.ended();
    else this.read();
  }

  /** A piece of the request has come. */
  came(piece: Uint8Array): void {
    if (this.#isRead) this.#give(piece);
    else {
      this.#unread ??= [];
      this.#unread.push(piece);
    }
  }

  /** All of the request has come. */
  ended(): void {
    if (this.#isRead) this.#end();
  }

  /** Sends all of the answer: a header block, the body, and the block of the trailers where there are any. */
  respond(head: Buffer, body: Buffer, trailers: Buffer | undefined): void {
    this.connection.respond(this, head, body, trailers);
  }

  /** Ends it. */
  reset(code: number): void {
    this.connection.reset(this, code);
  }

  /**
   * Gives it to node:http2, with the headers of its request, names and values in turn; `took`: how much of the body its
   * user has taken, which node:http2 does not see.
   */
  forward(list: readonly string[], tookBytes: number, onStream: OnNodeStream | undefined): void {
    if (!this.isClosed) this.connection.forward(this, list, tookBytes, onStream);
  }

  #give(piece: Uint8Array): void {
    // It may be over meanwhile.
    if (!this.isClosed) this.user?.came(piece);
  }

  #end(): void {
    if (this.isClosed || this.#isEndTold) return;
    this.#isEndTold = true;
    this.user?.ended();
  }
}
