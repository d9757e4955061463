/** What an HTTP/2 client sends first: the preface, and SETTINGS without any. */
export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const FRAME = { data: 0, headers: 1, rstStream: 3, settings: 4, ping: 6, goAway: 7, continuation: 9 };

/** The flags of a frame: SETTINGS and PING use the first as ACK. */
export const FLAG = { ack: 1, endStream: 1, endHeaders: 4 };

/** An HTTP/2 frame (RFC 9113, section 4.1). */
export function frame(
  type: number,
  flags: number,
  stream: number,
  payload: Uint8Array = Buffer.alloc(0),
): Buffer {
  const header = Buffer.alloc(9);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  header.writeUInt8(flags, 4);
  header.writeUInt32BE(stream, 5);
  return Buffer.concat([header, payload]);
}

/** The beginning of a connection by a client that has no wishes. */
export const GREETING = Buffer.concat([PREFACE, frame(FRAME.settings, 0, 0)]);

/** A header block in which every field is written out, and nothing is remembered (RFC 7541, section 6.2.2). */
export function headerBlock(fields: Readonly<Record<string, string | undefined>>): Buffer {
  const parts = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [Buffer.from([0]), literal(name), literal(value)],
  );
  return Buffer.concat(parts);
}

/** The header fields of a gRPC call. */
export function grpcFields(path: string): Record<string, string> {
  return {
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "127.0.0.1",
    "content-type": "application/grpc",
    te: "trailers",
  };
}

function literal(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length: number[] = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>>= 7) length.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
