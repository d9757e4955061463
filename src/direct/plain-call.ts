import { type OutgoingHttpHeaders, STATUS_CODES } from "node:http";
import type { ContextValues } from "@connectrpc/connect";
import type { PlainConnection, RequestUser } from "../http1/plain-connection.ts";
import type { PlainHead } from "../http1/plain-head.ts";
import type { RequestTarget } from "./call-context.ts";
import type { DirectCalls } from "./direct-calls.ts";
import type { DirectRequest } from "./direct-request.ts";
import { HandedOver } from "./handed-over.ts";
import { HeldHeaders } from "./held-headers.ts";
import { UnaryCall } from "./unary-call.ts";
import type { WireAnswer } from "./wire-answer.ts";

/** Has Node go on with a connection, whose first request then is a call that is handed over. */
export type LeaveToNode = (connection: PlainConnection, call: HandedOver) => void;

/** A unary call by Connect's protocol over a plain request of HTTP/1.1. */
export class PlainCall extends UnaryCall implements RequestUser {
  readonly #connection: PlainConnection;
  readonly #head: PlainHead;
  readonly #toNode: LeaveToNode;
  #isClosed = false;
  #onClosed: (() => void)[] | undefined;

  constructor(
    connection: PlainConnection,
    head: PlainHead,
    asked: DirectRequest,
    calls: DirectCalls,
    values: ContextValues | undefined,
    toNode: LeaveToNode,
  ) {
    super(asked, new HeldHeaders(head.given, head.list), calls, values);
    this.#connection = connection;
    this.#head = head;
    this.#toNode = toNode;
  }

  override get isGone(): boolean {
    return this.#isClosed || this.#connection.isGone;
  }

  protected override get target(): RequestTarget {
    const { given, path } = this.#head;
    return { isEncrypted: "encrypted" in this.#connection.socket, authority: given.host, path };
  }

  /** What is not read yet comes with Node's own request, where the call is handed over. */
  protected override get rest(): undefined {
    return undefined;
  }

  protected override get hasEnded(): boolean {
    return false;
  }

  protected override get isWhole(): boolean {
    return this.#connection.isWhole;
  }

  protected override listen(): void {
    this.#connection.read();
  }

  protected override forget(): void {}

  protected override canSay(header: Headers | undefined): boolean {
    return header === undefined || !NODES_OWN.some((name) => header.has(name));
  }

  protected override send({ status, head, body }: WireAnswer): void {
    const text = this.#headText(status, head);
    const bytes = Buffer.allocUnsafe(text.length + body.byteLength);
    bytes.write(text, "latin1");
    bytes.set(body, text.length);
    this.#connection.respond(bytes);
  }

  protected override giveToConnect(call: HandedOver): void {
    const { body, begun } = call.progress;
    // Node reads the request anew, with what of it is known: so nothing has begun.
    const given = new HandedOver({ ...call.progress, begun: undefined });
    const came = body ?? Buffer.concat(begun?.begin ?? []);
    this.#isClosed = true;
    this.#toNode(this.#connection, given);
    this.#connection.leave(this.#requestHead(body?.byteLength ?? this.#head.length), came);
  }

  requestClosed(): void {
    this.#isClosed = true;
    this.closed(() => undefined);
    for (const listener of this.#onClosed ?? []) listener();
  }

  get isItsTurn(): boolean {
    return true;
  }

  get connection(): { destroy(): void } {
    return this.#connection.socket;
  }

  end(): void {
    this.#connection.socket.destroy();
  }

  onClosed(listener: () => void): void {
    if (this.#isClosed) listener();
    else {
      this.#onClosed ??= [];
      this.#onClosed.push(listener);
    }
  }

  /** As Node writes it. */
  #headText(status: number, head: OutgoingHttpHeaders): string {
    let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "unknown"}\r\n`;
    for (const name in head) {
      const value = head[name];
      if (typeof value !== "string" || !PLAIN.test(value))
        throw new RangeError("a header that Node is to write");
      text += `${name}: ${value}\r\n`;
    }
    const last = this.#connection.isLast ? CLOSE : KEEP_ALIVE;
    return `${text}Date: ${this.calls.date.text}\r\n${last}`;
  }

  #requestHead(length: number): Buffer {
    const { path, list } = this.#head;
    let text = `POST ${path} HTTP/1.1\r\n`;
    for (let i = 0; i + 1 < list.length; i += 2) {
      const value = list[i]?.toLowerCase() === "content-length" ? length : list[i + 1];
      text += `${list[i]}: ${value}\r\n`;
    }
    return Buffer.from(`${text}\r\n`, "latin1");
  }
}

/** What Node sends for itself, or acts upon, where a handler says it. */
const NODES_OWN = ["connection", "keep-alive", "transfer-encoding", "upgrade", "trailer", "date"];

const PLAIN = /^[\x20-\x7e]*$/;

/** How long a client may keep its connection, in seconds, is the listener's to say: this is what is told of it. */
const KEEP_ALIVE = "Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n\r\n";
const CLOSE = "Connection: close\r\n\r\n";
