import type { Socket } from "node:net";
import { Backlog, type Holding } from "./backlog.ts";
import type { KnownHeads } from "./known-heads.ts";
import type { PlainHead } from "./plain-head.ts";

/** Who answers a request. */
export interface RequestUser {
  /** A piece of the body has come. */
  came(piece: Uint8Array): void;
  /** All of it has. */
  ended(): void;
  /** The answer is sent, or the connection is gone. */
  requestClosed(): void;
}

/** What connections need of their server. */
export interface PlainConnectionOptions {
  readonly heads: KnownHeads;
  /** The largest head that is read. */
  readonly maxHeaderBytes: number;
  /** Counts what has come of a connection and is not read. */
  hold(socket: Socket): Holding;
  /** Offers a request. Answers whether it is taken, and has a user; else Node has the connection. */
  take(connection: PlainConnection, head: PlainHead): boolean;
  /** Node goes on with the connection. */
  leave(connection: PlainConnection): void;
  /** All of its answers are sent. */
  idle(connection: PlainConnection): void;
}

/** What Node says to a request that is cut. */
const BAD_REQUEST = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";

const END = Buffer.from("\r\n\r\n");

const NOTHING = Buffer.alloc(0);

/** A body that is larger than this is not worth to be put together here. */
const MOST_BODY_BYTES = 64 * 1024;

/** How much is read of one who does not wait for an answer: as long as more comes, it is seen when the client goes. */
const MOST_BEHIND_BYTES = 64 * 1024;

/**
 * A client's connection of HTTP/1.1 as long as it sends one plain request after the other (RFC 9112). With the first that is
 * not, Node's own server goes on with it, and knows of none before.
 */
export class PlainConnection {
  readonly socket: Socket;
  user: RequestUser | undefined;
  readonly #options: PlainConnectionOptions;
  #isLast = false;
  #isBusy = false;
  /** How many answers are on their way. */
  #unsent = 0;
  #isLeft = false;
  /** Whether the last answer is given: nothing more is read. */
  #isOver = false;
  #isRead = false;
  /** What is missing of the body. */
  #missing = 0;
  /** What of the body has come with its head, before anybody reads. */
  #first: Buffer | undefined;
  /** What has come of it since. */
  #unread: Backlog | undefined;
  /** What has come behind a request that is not answered yet. */
  #behind: Backlog | undefined;

  constructor(socket: Socket, options: PlainConnectionOptions) {
    this.socket = socket;
    this.#options = options;
    socket.on("data", this.#came);
    socket.on("end", this.#ended);
    socket.on("error", ignore);
    socket.on("close", this.#closed);
  }

  /** Whether a request is under way, or an answer. */
  get isBusy(): boolean {
    return this.#isBusy || this.#unsent > 0;
  }

  /** Whether the next answer is the last. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Whether all of the request has come, read or not. */
  get isWhole(): boolean {
    return this.#missing === 0;
  }

  get isGone(): boolean {
    return this.socket.destroyed || this.#isLeft;
  }

  /** Whether so much has come behind a request that no more is read. */
  get isCrowded(): boolean {
    return this.#behind !== undefined && this.#behind.length > MOST_BEHIND_BYTES;
  }

  /** Has its user told of the body from now on, and of what has come already. */
  read(): void {
    this.#isRead = true;
    const first = this.#first;
    this.#first = undefined;
    if (first !== undefined) this.user?.came(first);
    // Its user may leave it to Node in between, who then gets what nobody has seen.
    if (!this.#isLeft && this.#unread !== undefined) this.user?.came(this.#takeUnread());
    if (!this.#isLeft && this.#missing === 0) this.user?.ended();
  }

  /** Sends all of an answer. */
  respond(bytes: Buffer): void {
    if (this.isGone) return;
    const { user } = this;
    this.#isBusy = false;
    this.user = undefined;
    // Who refuses a call does not read its body.
    this.#first = undefined;
    this.#takeUnread();
    this.#unsent++;
    this.socket.write(bytes, () => {
      this.#unsent--;
      user?.requestClosed();
      if (!this.isBusy) this.#options.idle(this);
    });
    if (this.#isLast) this.#end();
    else if (this.#behind !== undefined) this.#goOn(this.#takeBehind());
  }

  /** Takes no further request: it ends behind the answer that is under way, or at once. */
  stop(): void {
    this.#isLast = true;
    if (!this.isBusy) this.socket.destroy();
    else if (!this.#isBusy) this.#end();
  }

  /**
   * Gives the connection to Node, as if the request that is under way came only now: its head and `body`, and behind that
   * what has come and nobody has read.
   */
  leave(head: Buffer, body: Uint8Array): void {
    this.#leave([head, body]);
  }

  readonly #came = (chunk: Buffer): void => {
    if (this.#isOver) return;
    if (this.#missing > 0) this.#takeBody(chunk);
    else if (this.#isBusy) {
      this.#addBehind(chunk);
      if (this.isCrowded) this.socket.pause();
    } else this.#takeRequest(chunk);
  };

  #takeRequest(chunk: Buffer): void {
    const end = chunk.indexOf(END);
    const { heads, maxHeaderBytes } = this.#options;
    const isWhole = end > 0 && end <= maxHeaderBytes;
    const head = isWhole ? heads.of(chunk.toString("latin1", 0, end)) : undefined;
    const bodyAt = end + END.byteLength;
    // What comes in the same piece is a second request: Node keeps their order.
    const isAlone = head !== undefined && chunk.byteLength <= bodyAt + head.length;
    if (head === undefined || !isAlone || head.length > MOST_BODY_BYTES) {
      this.#leave([chunk]);
      return;
    }
    this.#isBusy = true;
    this.#isRead = false;
    this.#missing = bodyAt + head.length - chunk.byteLength;
    this.#first = chunk.byteLength > bodyAt ? chunk.subarray(bodyAt) : undefined;
    if (this.#options.take(this, head)) return;
    this.#first = undefined;
    this.#leave([chunk]);
  }

  #takeBody(chunk: Buffer): void {
    const piece = chunk.subarray(0, this.#missing);
    this.#missing -= piece.byteLength;
    if (piece.byteLength < chunk.byteLength) this.#addBehind(chunk.subarray(piece.byteLength));
    if (!this.#isRead) {
      this.#unread ??= this.#openBacklog();
      this.#unread.add(piece);
      return;
    }
    this.user?.came(piece);
    if (this.#missing === 0 && !this.#isLeft) this.user?.ended();
  }

  /** Ends it when all that is on its way is sent. What still comes is nobody's. */
  #end(): void {
    this.#isOver = true;
    this.socket.destroySoon();
  }

  /** The next request came before the last answer was sent. */
  #goOn(behind: Buffer): void {
    this.#takeRequest(behind);
    if (!this.#isLeft && this.socket.isPaused()) this.socket.resume();
  }

  #leave(bytes: readonly Uint8Array[]): void {
    if (this.isGone) return;
    const all = [...bytes, this.#first ?? NOTHING, this.#takeUnread(), this.#takeBehind()];
    this.#isLeft = true;
    this.#isBusy = false;
    this.user = undefined;
    const { socket } = this;
    socket.pause();
    socket.off("data", this.#came);
    socket.off("end", this.#ended);
    socket.off("error", ignore);
    socket.off("close", this.#closed);
    socket.unshift(Buffer.concat(all));
    this.#options.leave(this);
    socket.resume();
  }

  #addBehind(chunk: Buffer): void {
    this.#behind ??= this.#openBacklog();
    this.#behind.add(chunk);
  }

  #openBacklog(): Backlog {
    return new Backlog(this.#options.hold(this.socket));
  }

  #takeUnread(): Buffer {
    const unread = this.#unread?.take() ?? NOTHING;
    this.#unread = undefined;
    return unread;
  }

  #takeBehind(): Buffer {
    const behind = this.#behind?.take() ?? NOTHING;
    this.#behind = undefined;
    return behind;
  }

  /** Half a connection is none: as Node has it, who stops sending does not wait for an answer either. */
  readonly #ended = (): void => {
    const isCut = this.#missing > 0;
    this.#over();
    this.socket.end(isCut ? BAD_REQUEST : "");
  };

  readonly #closed = (): void => this.#over();

  #over(): void {
    const { user } = this;
    this.user = undefined;
    this.#takeUnread();
    this.#takeBehind();
    user?.requestClosed();
  }
}

function ignore(): void {}
