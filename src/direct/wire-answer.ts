import type { OutgoingHttpHeaders } from "node:http";
import type { CallForm } from "./call-form.ts";
import { ENVELOPE_BYTES, trailersEnvelope } from "./envelope.ts";
import { nodeHeaders } from "./headers.ts";

/** An answer as it goes over the wire. */
export interface WireAnswer {
  /** HTTP's. */
  readonly status: number;
  readonly head: OutgoingHttpHeaders;
  readonly body: Buffer;
  /** What gRPC says behind the body; undefined in other protocols. */
  readonly trailers: OutgoingHttpHeaders | undefined;
}

/** What was set for an answer; undefined where nobody has touched it. */
export interface Touched {
  readonly header: Headers | undefined;
  readonly trailer: Headers | undefined;
}

/** gRPC's trailers of an answer that is well, and of which nobody says more. */
export const OK: OutgoingHttpHeaders = Object.freeze({ "grpc-status": "0" });

const OK_STATUS = 200;

const OK_IN_BODY = trailersEnvelope("grpc-status: 0\r\n");

/**
 * An answer in the form of its call. `accepted`: what it may be compressed with; `encoding`: what it is compressed with,
 * where it is.
 */
export function wireAnswer(
  form: CallForm,
  { header, trailer }: Touched,
  envelope: Buffer,
  accepted: string | undefined,
  encoding: string | undefined,
): WireAnswer {
  if (form.protocol === "connect") {
    const body = envelope.subarray(ENVELOPE_BYTES);
    const head = connectHead(form, { header, trailer }, body, encoding);
    return { status: OK_STATUS, head, body, trailers: undefined };
  }
  const head = header === undefined ? headOf(form, accepted) : nodeHeaders(header);
  if (form.protocol === "grpc") {
    const trailers = trailer === undefined ? OK : nodeHeaders(trailer);
    return { status: OK_STATUS, head, body: envelope, trailers };
  }
  const end = trailer === undefined ? OK_IN_BODY : trailersEnvelope(inLines(trailer));
  return { status: OK_STATUS, head, body: Buffer.concat([envelope, end]), trailers: undefined };
}

/** What gRPC's answers say before their message, by form and compression: it is the same for all of them. */
const heads = new Map<CallForm, Map<string | undefined, OutgoingHttpHeaders>>();

/** What gRPC's answers say before their message where nobody has said more. */
export function headOf(form: CallForm, accepted: string | undefined): OutgoingHttpHeaders {
  const ofForm = heads.get(form) ?? new Map<string | undefined, OutgoingHttpHeaders>();
  const known = ofForm.get(accepted);
  if (known !== undefined) return known;
  const head = { "content-type": form.contentType, ...(accepted && { [form.encodingHeader]: accepted }) };
  heads.set(form, ofForm.set(accepted, Object.freeze(head)));
  return head;
}

function connectHead(
  { contentType }: CallForm,
  { header, trailer }: Touched,
  { byteLength }: Uint8Array,
  encoding: string | undefined,
): OutgoingHttpHeaders {
  if (header === undefined && trailer === undefined && encoding === undefined) {
    return { "content-length": String(byteLength), "content-type": contentType };
  }
  const headers = new Headers(header ?? { "content-type": contentType });
  for (const [name, value] of trailer ?? []) headers.append(`trailer-${name}`, value);
  if (encoding !== undefined) headers.set("content-encoding", encoding);
  headers.set("content-length", String(byteLength));
  return nodeHeaders(headers);
}

/** Trailers as gRPC-Web writes them. */
export function inLines(trailer: Headers): string {
  return Array.from(trailer, ([name, value]) => `${name}: ${value}\r\n`).join("");
}
