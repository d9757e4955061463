import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression, UniversalServerRequest } from "@connectrpc/connect/protocol";
import { isTooDeep, TOO_DEEP } from "../json/json-depth.ts";
import { bodyTooLarge, invalidBody, unsupportedBody } from "./refusal.ts";

/** What is read of a body. */
export interface BodyLimits {
  /** The largest body, in bytes, also after decompression. */
  readonly readMaxBytes: number;
  /** How bodies may be compressed. */
  readonly acceptCompression: readonly Compression[];
}

/**
 * The text of a request's body; "" where it has none. Refuses a body that is too large or nested too deep, and one that is
 * not JSON in UTF-8 by what its headers and its bytes say.
 */
export async function readBody(
  { header, body }: Pick<UniversalServerRequest, "header" | "body">,
  limits: BodyLimits,
): Promise<string> {
  // A framework has parsed it already.
  if (!isByteStream(body)) return body === undefined || body === null ? "" : JSON.stringify(body);
  // Digits say how much comes. Whatever else stands there, the HTTP server has refused.
  if (Number(header.get("content-length")) > limits.readMaxBytes) throw bodyTooLarge(limits.readMaxBytes);
  const sent = await readBytes(body, limits.readMaxBytes);
  if (sent.byteLength === 0) return "";
  checkContentType(header.get("content-type") ?? "");
  const bytes = await decompressed(sent, header.get("content-encoding") ?? "identity", limits);
  if (isTooDeep(bytes)) throw invalidBody(TOO_DEEP);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw invalidBody("the body is not UTF-8");
  }
}

function isByteStream(body: UniversalServerRequest["body"]): body is AsyncIterable<Uint8Array> {
  return typeof body === "object" && body !== null && Symbol.asyncIterator in body;
}

async function readBytes(body: AsyncIterable<Uint8Array>, readMaxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > readMaxBytes) throw bodyTooLarge(readMaxBytes);
    chunks.push(chunk);
  }
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** A page of another origin may send any other type, or none, without asking first (CORS): so there must be one. */
function checkContentType(contentType: string): void {
  const [type = "", ...parameters] = contentType.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  const isUtf8 = charset === undefined || /^"?utf-?8"?$/.test(charset);
  if (type !== "application/json" || !isUtf8) {
    throw unsupportedBody("content-type", contentType, "application/json in UTF-8");
  }
}

async function decompressed(bytes: Uint8Array, encoding: string, limits: BodyLimits): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase();
  if (name === "identity" || name === "") return bytes;
  const compression = limits.acceptCompression.find((offered) => offered.name === name);
  if (compression === undefined) {
    const offered = ["identity", ...limits.acceptCompression.map((each) => each.name)].join(", ");
    throw unsupportedBody("content-encoding", encoding, offered);
  }
  try {
    return await compression.decompress(bytes, limits.readMaxBytes);
  } catch (cause) {
    const tooLarge = cause instanceof ConnectError && cause.code === Code.ResourceExhausted;
    throw tooLarge ? bodyTooLarge(limits.readMaxBytes) : invalidBody(`the body is not encoded with ${name}`);
  }
}
