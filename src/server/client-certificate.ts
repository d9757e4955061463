import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type ContextValues, createContextValues } from "@connectrpc/connect";
import { setCertificate } from "../access/access-gate.ts";

/** The values of a call's context, with the certificate that its connection was opened with, if that was verified. */
export function withCertificate(socket: Duplex): ContextValues {
  const values = createContextValues();
  // HTTP/2's socket is a proxy of the TLS connection.
  if (socket instanceof TLSSocket && socket.authorized) setCertificate(values, socket.getPeerCertificate());
  return values;
}
