import { setTimeout as after } from "node:timers/promises";
import { FLAG, FRAME, frame, GREETING } from "../server/raw-http2.ts";
import { type Answer, type Frames, PATIENCE_MS } from "./call.ts";
import { turns } from "./journal.ts";
import { connectTo, type Place } from "./place.ts";
import { shownBody } from "./shown-body.ts";

const HEADER_BYTES = 9;

/** The stream that calls are made on. */
const STREAM = 1;

/** Sends frames, and reads those that come back until the stream is over. Headers are not read, only that they are. */
export async function sendFrames(place: Place, { steps }: Frames): Promise<Answer[]> {
  const socket = connectTo(place, "h2");
  const chunks: Buffer[] = [];
  const over = Promise.withResolvers<void>();
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (framesIn(Buffer.concat(chunks)).some(isLast)) over.resolve();
  });
  socket.on("close", () => over.resolve()).on("error", () => over.resolve());
  socket.write(Buffer.concat([GREETING, frame(FRAME.settings, FLAG.ack, 0)]));
  for (const step of steps) {
    if (typeof step !== "string") socket.write(step);
    else await turns(4);
  }
  const patience = new AbortController();
  await Promise.race([
    over.promise,
    after(PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {}),
  ]);
  patience.abort();
  await turns(4);
  const isOver = socket.closed;
  socket.destroy();
  const frames = framesIn(Buffer.concat(chunks));
  const shown = frames
    .filter(({ type, stream }) => stream === STREAM || type === FRAME.goAway)
    .flatMap(shownFrame);
  const body = Buffer.concat(frames.filter(({ type }) => type === FRAME.data).map(({ payload }) => payload));
  const end = `${shown.join(", ")}${isOver ? ", and its connection is gone" : ""}`;
  return [{ interim: [], status: undefined, headers: [], body: shownBody(body), trailers: [], end }];
}

interface ReadFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

function framesIn(bytes: Buffer): ReadFrame[] {
  const frames: ReadFrame[] = [];
  for (let at = 0; at + HEADER_BYTES <= bytes.byteLength; ) {
    const end = at + HEADER_BYTES + bytes.readUIntBE(at, 3);
    if (end > bytes.byteLength) break;
    const [type, flags, stream] = [
      bytes.readUInt8(at + 3),
      bytes.readUInt8(at + 4),
      bytes.readUInt32BE(at + 5),
    ];
    frames.push({ type, flags, stream, payload: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return frames;
}

function isLast({ type, flags, stream }: ReadFrame): boolean {
  if (type === FRAME.goAway) return true;
  if (stream !== STREAM) return false;
  const canEnd = type === FRAME.data || type === FRAME.headers;
  return type === FRAME.rstStream || (canEnd && (flags & FLAG.endStream) !== 0);
}

/** How many frames the data come in is nobody's to say. */
function shownFrame({ type, payload }: ReadFrame): string[] {
  if (type === FRAME.headers) return ["headers"];
  if (type === FRAME.rstStream) return [`reset ${payload.readUInt32BE(0)}`];
  if (type === FRAME.goAway) return [`go away ${payload.readUInt32BE(4)}`];
  return [];
}
