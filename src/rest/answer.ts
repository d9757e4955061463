import type { JsonValue } from "@bufbuild/protobuf";
import type {
  Compression,
  UniversalServerRequest,
  UniversalServerResponse,
} from "@connectrpc/connect/protocol";

/** How answers may be compressed. */
export interface CompressionOptions {
  readonly acceptCompression: readonly Compression[];
  /** Smaller answers are sent as they are. */
  readonly compressMinBytes: number;
}

/** An answer of JSON, compressed where the client takes that. */
export async function answerJson(
  request: UniversalServerRequest,
  answer: {
    readonly status: number;
    readonly header: Headers;
    readonly json: JsonValue;
    readonly pretty: boolean;
  },
  options: CompressionOptions,
): Promise<UniversalServerResponse> {
  const text = JSON.stringify(answer.json, undefined, answer.pretty ? 2 : undefined);
  let bytes = new TextEncoder().encode(text);
  const { header } = answer;
  completeHeader(header, "application/json");
  if (options.acceptCompression.length > 0) header.append("vary", "accept-encoding");
  const compression = acceptedCompression(request.header.get("accept-encoding"), options.acceptCompression);
  if (compression !== undefined && bytes.byteLength >= options.compressMinBytes) {
    bytes = await compression.compress(bytes);
    header.set("content-encoding", compression.name);
  }
  header.set("content-length", String(bytes.byteLength));
  return { status: answer.status, header, body: chunks(request.method === "HEAD" ? [] : [bytes]) };
}

/** Completes the headers of an answer with a body of that type. What the method has set, stays. */
export function completeHeader(header: Headers, contentType: string): void {
  header.set("content-type", contentType);
  // No browser is to guess a type of its own.
  header.set("x-content-type-options", "nosniff");
  // What a method answers now, it need not answer again.
  if (!header.has("cache-control")) header.set("cache-control", "no-store");
}

/** A body of these chunks. */
export async function* chunks(parts: Iterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* parts;
}

function acceptedCompression(
  accepted: string | null,
  offered: readonly Compression[],
): Compression | undefined {
  for (const part of accepted?.toLowerCase().split(",") ?? []) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const refused = parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    const compression = refused ? undefined : offered.find((each) => each.name === name);
    if (compression !== undefined) return compression;
  }
  return undefined;
}
