/** A flag and the length of the message come before it (gRPC's Length-Prefixed-Message). */
export const ENVELOPE_BYTES = 5;

const COMPRESSED = 1;

/** The flag of gRPC-Web's trailers, which come in an envelope of their own. */
export const TRAILERS = 0x80;

/** A message with its envelope. */
export function enveloped(message: Uint8Array, isCompressed = false): Buffer {
  const envelope = Buffer.allocUnsafe(ENVELOPE_BYTES + message.byteLength);
  writePrefix(envelope, isCompressed ? COMPRESSED : 0, message.byteLength);
  envelope.set(message, ENVELOPE_BYTES);
  return envelope;
}

/** Trailers as gRPC-Web sends them, behind the message. */
export function trailersEnvelope(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const envelope = Buffer.allocUnsafe(ENVELOPE_BYTES + length);
  writePrefix(envelope, TRAILERS, length);
  envelope.write(text, ENVELOPE_BYTES);
  return envelope;
}

/** The message of a body that is one envelope without compression, whole and nothing more; undefined for any other. */
export function soleMessage(body: Uint8Array): Uint8Array | undefined {
  if (body[0] !== 0 || body.byteLength < ENVELOPE_BYTES) return undefined;
  return body.byteLength === ENVELOPE_BYTES + lengthIn(body) ? body.subarray(ENVELOPE_BYTES) : undefined;
}

/** How long the message is, by what stands before it. */
export function lengthIn([_flags, a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

function writePrefix(envelope: Buffer, flags: number, length: number): void {
  envelope[0] = flags;
  envelope.writeUInt32BE(length, 1);
}
