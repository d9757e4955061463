import type { Socket } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { GetOperationRequestSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { framesOf, type SeenFrame } from "../server/frames-of.ts";
import { type OpenServer, RUNNING } from "../server/open-server.ts";
import { GET_OPERATION } from "../server/raw-http.ts";
import { FLAG, FRAME, frame, grpcFields, headerBlock, PREFACE } from "../server/raw-http2.ts";
import { until } from "../until.ts";

const LIST_OPERATIONS = "/google.longrunning.Operations/ListOperations";

export const WINDOW_UPDATE = 8;
export const INITIAL_WINDOW_SIZE = 4;

/** A client that sends what it is told, frame by frame, and shows what comes back. */
export class Wire {
  readonly socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);

  /** Greets the server, with such settings. */
  constructor(socket: Socket, settings: readonly (readonly [id: number, value: number])[] = []) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
    });
    socket.write(Buffer.concat([PREFACE, settingsFrame(settings)]));
  }

  get frames(): SeenFrame[] {
    return framesOf(this.#bytes);
  }

  send(...frames: Uint8Array[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** Resolves with the first such frame. Rejects where the connection ends before. */
  async until(isIt: (frame: SeenFrame) => boolean): Promise<SeenFrame> {
    const isOver = () => this.socket.destroyed || this.socket.readableEnded;
    await until(() => this.frames.some(isIt) || isOver());
    const found = this.frames.find(isIt);
    if (found === undefined) throw new Error("the connection ended before");
    return found;
  }

  /** Resolves when all that was sent is read, and answered where it was to be. */
  async answered(): Promise<void> {
    const payload = Buffer.from(String(Math.random()).padEnd(8).slice(-8));
    this.send(frame(FRAME.ping, 0, 0, payload));
    await this.until((seen) => seen.kind === FRAME.ping && seen.payload.equals(payload));
  }

  /** Resolves with the code that the connection was ended with. */
  async goodbye(): Promise<number> {
    const { payload } = await this.until(({ kind }) => kind === FRAME.goAway);
    return payload.readUInt32BE(4);
  }

  /** What has come of the body of a stream. */
  bodyOf(id: number): Buffer {
    const own = this.frames.filter(({ kind, stream }) => kind === FRAME.data && stream === id);
    return Buffer.concat(own.map(({ payload }) => payload));
  }

  /** Resolves when the stream is over, with the code where it was reset. */
  async over(id: number): Promise<number | undefined> {
    const isLast = ({ kind, flags, stream }: SeenFrame) =>
      stream === id && (kind === FRAME.rstStream || (kind < 2 && (flags & FLAG.endStream) !== 0));
    const { kind, payload } = await this.until(isLast);
    return kind === FRAME.rstStream ? payload.readUInt32BE(0) : undefined;
  }
}

export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const payload = Buffer.alloc(6 * settings.length);
  for (const [i, [id, value]] of settings.entries()) {
    payload.writeUInt16BE(id, 6 * i);
    payload.writeUInt32BE(value, 6 * i + 2);
  }
  return frame(FRAME.settings, 0, 0, payload);
}

export function windowUpdate(stream: number, bytes: number): Buffer {
  return frame(WINDOW_UPDATE, 0, stream, uint32(bytes));
}

export function reset(stream: number, code = 8): Buffer {
  return frame(FRAME.rstStream, 0, stream, uint32(code));
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** The headers of a gRPC call; GetOperation unless told otherwise. */
export function headers(
  stream: number,
  { path = GET_OPERATION, flags = FLAG.endHeaders, ...fields }: CallOptions = {},
): Buffer {
  return frame(FRAME.headers, flags, stream, headerBlock({ ...grpcFields(path), ...fields.fields }));
}

export interface CallOptions {
  readonly path?: string;
  readonly flags?: number;
  readonly fields?: Readonly<Record<string, string | undefined>>;
}

/** A message of gRPC: the name of an operation, that which runs unless told otherwise. */
export function message(name = RUNNING): Buffer {
  const bytes = toBinary(GetOperationRequestSchema, create(GetOperationRequestSchema, { name }));
  return Buffer.concat([Buffer.from([0]), uint32(bytes.byteLength), bytes]);
}

/** A whole call. */
export function call(stream: number, options: CallOptions & { readonly name?: string } = {}): Buffer {
  return Buffer.concat([
    headers(stream, options),
    frame(FRAME.data, FLAG.endStream, stream, message(options.name)),
  ]);
}

/** A call that lists what is kept, as gRPC sends it. */
export function list(stream: number): Buffer {
  // `page_size: 1000`.
  const body = Buffer.from([0, 0, 0, 0, 3, 0x10, 0xe8, 0x07]);
  return Buffer.concat([
    headers(stream, { path: LIST_OPERATIONS }),
    frame(FRAME.data, FLAG.endStream, stream, body),
  ]);
}

/** Keeps operations with names so long that a page of them is far larger than any window. */
export async function keepLarge({ store }: OpenServer, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const name = `operations/${"x".repeat(900)}${i}`;
    await store.insert(newStoredOperation({ name, parent: "", createTimeMs: 0 }));
  }
}
