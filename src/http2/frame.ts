import { FRAME } from "./codes.ts";

/** What stands before each frame's payload: its length, its kind, its flags and its stream (RFC 9113, section 4.1). */
export const HEAD_BYTES = 9;

/** Writes the head of a frame, and answers where its payload begins. */
export function writeHead(
  bytes: Uint8Array,
  at: number,
  length: number,
  kind: number,
  flags: number,
  stream: number,
): number {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = kind;
  bytes[at + 4] = flags;
  return writeUint32(bytes, at + 5, stream);
}

/** Writes a number of four bytes, and answers where the next may stand. */
export function writeUint32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
  return at + 4;
}

/** Reads a number of four bytes. */
export function readUint32(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

/** A frame. */
export function frameOf(kind: number, flags: number, stream: number, payload?: Uint8Array): Buffer {
  const length = payload?.byteLength ?? 0;
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + length);
  const at = writeHead(bytes, 0, length, kind, flags, stream);
  if (payload !== undefined) bytes.set(payload, at);
  return bytes;
}

/** A frame whose payload is one number, or several, of four bytes each. */
export function frameOfNumbers(kind: number, stream: number, ...values: number[]): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + 4 * values.length);
  let at = writeHead(bytes, 0, 4 * values.length, kind, 0, stream);
  for (const value of values) at = writeUint32(bytes, at, value);
  return bytes;
}

/** Lets the other end send so many bytes more; stream 0: on the whole connection. */
export function windowUpdate(stream: number, bytes: number): Buffer {
  return frameOfNumbers(FRAME.windowUpdate, stream, bytes);
}

/** Ends a stream. */
export function resetStream(stream: number, code: number): Buffer {
  return frameOfNumbers(FRAME.resetStream, stream, code);
}

/** What this end wishes: numbers of settings with their values. */
export function settingsFrame(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + 6 * settings.length);
  let at = writeHead(bytes, 0, 6 * settings.length, FRAME.settings, 0, 0);
  for (const [id, value] of settings) {
    bytes[at] = id >>> 8;
    bytes[at + 1] = id;
    at = writeUint32(bytes, at + 2, value);
  }
  return bytes;
}

/** Tells a client that its connection ends, behind which of its streams, and why. */
export function goAwayFrame(lastId: number, code: number, reason = ""): Buffer {
  const payload = Buffer.alloc(8 + reason.length);
  writeUint32(payload, writeUint32(payload, 0, lastId), code);
  payload.write(reason, 8, "latin1");
  return frameOf(FRAME.goAway, 0, 0, payload);
}
