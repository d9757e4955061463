import { setTimeout as after } from "node:timers/promises";
import { framesOf, type SeenFrame } from "../server/frames-of.ts";
import { FLAG, FRAME, frame, GREETING } from "../server/raw-http2.ts";
import { type Answer, type Frames, PATIENCE_MS } from "./call.ts";
import { turns } from "./journal.ts";
import { connectTo, type Place } from "./place.ts";
import { shownBody } from "./shown-body.ts";

/** The stream that calls are made on. */
const STREAM = 1;

/** Sends frames, and reads those that come back until the stream is over. Headers are not read, only that they are. */
export async function sendFrames(place: Place, { steps }: Frames): Promise<Answer[]> {
  const socket = connectTo(place, "h2");
  const chunks: Buffer[] = [];
  const over = Promise.withResolvers<void>();
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    if (framesOf(Buffer.concat(chunks)).some(isLast)) over.resolve();
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
  const frames = framesOf(Buffer.concat(chunks));
  const shown = frames
    .filter(({ kind, stream }) => stream === STREAM || kind === FRAME.goAway)
    .flatMap(shownFrame);
  const body = Buffer.concat(frames.filter(({ kind }) => kind === FRAME.data).map(({ payload }) => payload));
  const end = `${shown.join(", ")}${isOver ? ", and its connection is gone" : ""}`;
  return [{ interim: [], status: undefined, headers: [], body: shownBody(body), trailers: [], end }];
}

function isLast({ kind, flags, stream }: SeenFrame): boolean {
  if (kind === FRAME.goAway) return true;
  if (stream !== STREAM) return false;
  const canEnd = kind === FRAME.data || kind === FRAME.headers;
  return kind === FRAME.rstStream || (canEnd && (flags & FLAG.endStream) !== 0);
}

/** How many frames the data come in is nobody's to say. */
function shownFrame({ kind, payload }: SeenFrame): string[] {
  if (kind === FRAME.headers) return ["headers"];
  if (kind === FRAME.rstStream) return [`reset ${payload.readUInt32BE(0)}`];
  if (kind === FRAME.goAway) return [`go away ${payload.readUInt32BE(4)}`];
  return [];
}
