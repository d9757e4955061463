import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { firstBlock, type Header, nextBlock } from "./hpack.ts";

/** Gets the answer's message, or undefined where there was none: the call failed. */
export type Ended = (message: Buffer | undefined) => void;

const FRAME = { data: 0, headers: 1, resetStream: 3, settings: 4, ping: 6, goAway: 7, windowUpdate: 8 };
const FLAG = { endStream: 1, ack: 1, endHeaders: 4, padded: 8 };
const FRAME_HEAD = 9;
const MESSAGE_HEAD = 5;
const INITIAL_WINDOW_SETTING = 4;
/** The largest window that a receiver may open (RFC 9113 §6.9.1). */
const WINDOW = 2 ** 31 - 1;
const FIRST_WINDOW = 65_535;

/**
 * A client of one unary method over one HTTP/2 connection. It does what load needs and no more, so that it takes less
 * of the machine than any server: it sends the same headers each time, does not decode those that come back, and takes
 * an answer that has a message for a good one. What it sends is small and stays below every server's window.
 */
export class GrpcConnection {
  readonly #socket: Socket;
  readonly #headers: readonly Header[];
  readonly #calls = new Map<number, { readonly ended: Ended; message: Buffer | undefined }>();
  #block: Buffer;
  #nextStream = 1;
  #unread: Buffer = Buffer.alloc(0);
  #out: Buffer[] = [];
  #sinceWindowUpdate = 0;

  private constructor(socket: Socket, path: string) {
    this.#socket = socket;
    this.#headers = [
      [":method", "POST"],
      [":scheme", "http"],
      [":path", path],
      [":authority", "127.0.0.1"],
      ["te", "trailers"],
      ["content-type", "application/grpc"],
      ["user-agent", "grpc-bench/1"],
    ];
    this.#block = firstBlock(this.#headers);
    socket.setNoDelay(true);
    socket.on("data", (piece: Buffer) => this.#read(piece));
    socket.on("close", () => this.#failAll());
    socket.on("error", () => {});
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(INITIAL_WINDOW_SETTING, 0);
    settings.writeUInt32BE(WINDOW, 2);
    this.#send(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    this.#send(frame(FRAME.settings, 0, 0, settings));
    this.#openWindow(WINDOW - FIRST_WINDOW);
  }

  /** Connects for the calls of one method: `/google.longrunning.Operations/GetOperation`. */
  static async open(port: number, path: string): Promise<GrpcConnection> {
    const socket = connect({ host: "127.0.0.1", port });
    await once(socket, "connect");
    return new GrpcConnection(socket, path);
  }

  /** Calls with a message. */
  call(message: Uint8Array, ended: Ended): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#calls.set(stream, { ended, message: undefined });
    const block = this.#block;
    const bytes = Buffer.allocUnsafe(2 * FRAME_HEAD + block.length + MESSAGE_HEAD + message.length);
    writeHead(bytes, 0, block.length, FRAME.headers, FLAG.endHeaders, stream);
    bytes.set(block, FRAME_HEAD);
    const data = FRAME_HEAD + block.length;
    writeHead(bytes, data, MESSAGE_HEAD + message.length, FRAME.data, FLAG.endStream, stream);
    bytes[data + FRAME_HEAD] = 0;
    bytes.writeUInt32BE(message.length, data + FRAME_HEAD + 1);
    bytes.set(message, data + FRAME_HEAD + MESSAGE_HEAD);
    this.#send(bytes);
    if (stream === 1) this.#block = nextBlock(this.#headers);
  }

  #send(bytes: Buffer): void {
    // All that is sent in one turn leaves in one write.
    if (this.#out.push(bytes) === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    this.#socket.write(this.#out.length === 1 ? (this.#out[0] as Buffer) : Buffer.concat(this.#out));
    this.#out = [];
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(piece: Buffer): void {
    const bytes = this.#unread.length === 0 ? piece : Buffer.concat([this.#unread, piece]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEAD) {
      const end = at + FRAME_HEAD + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const [type = 0, flags = 0] = [bytes[at + 3], bytes[at + 4]];
      this.#take(type, flags, bytes.readUInt32BE(at + 5) & WINDOW, bytes.subarray(at + FRAME_HEAD, end));
      at = end;
    }
    this.#unread = bytes.subarray(at);
    if (this.#sinceWindowUpdate > WINDOW / 2) this.#openWindow(this.#sinceWindowUpdate);
  }

  #take(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case FRAME.data:
        if ((flags & FLAG.padded) !== 0)
          throw new Error("a padded frame, which no server of this bench sends");
        this.#sinceWindowUpdate += payload.length;
        this.#takeData(stream, payload);
        break;
      case FRAME.resetStream:
        this.#end(stream, true);
        return;
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) this.#send(frame(FRAME.settings, FLAG.ack, 0));
        return;
      case FRAME.ping:
        // The server's way to find out how quick the connection is.
        if ((flags & FLAG.ack) === 0) this.#send(frame(FRAME.ping, FLAG.ack, 0, payload));
        return;
      case FRAME.goAway:
        this.#socket.destroy();
        return;
    }
    if ((type === FRAME.data || type === FRAME.headers) && (flags & FLAG.endStream) !== 0)
      this.#end(stream, false);
  }

  #takeData(stream: number, payload: Buffer): void {
    const call = this.#calls.get(stream);
    if (call === undefined) return;
    call.message = call.message === undefined ? payload : Buffer.concat([call.message, payload]);
  }

  #end(stream: number, isReset: boolean): void {
    const call = this.#calls.get(stream);
    this.#calls.delete(stream);
    const { message } = call ?? {};
    const isWhole =
      !isReset && message !== undefined && message.readUInt32BE(1) === message.length - MESSAGE_HEAD;
    call?.ended(isWhole ? message.subarray(MESSAGE_HEAD) : undefined);
  }

  #failAll(): void {
    for (const stream of [...this.#calls.keys()]) this.#end(stream, true);
  }

  #openWindow(bytes: number): void {
    const increment = Buffer.alloc(4);
    increment.writeUInt32BE(bytes);
    this.#send(frame(FRAME.windowUpdate, 0, 0, increment));
    this.#sinceWindowUpdate = 0;
  }
}

function frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD + payload.length);
  writeHead(bytes, 0, payload.length, type, flags, stream);
  bytes.set(payload, FRAME_HEAD);
  return bytes;
}

function writeHead(
  bytes: Buffer,
  at: number,
  length: number,
  type: number,
  flags: number,
  stream: number,
): void {
  bytes.writeUIntBE(length, at, 3);
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes.writeUInt32BE(stream, at + 5);
}
