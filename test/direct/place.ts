import { connect, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";

/** Where a server listens. */
export interface Place {
  readonly port: number;
  /** Whether it wants TLS. */
  readonly isSecure: boolean;
}

/** A connection on which a protocol is to be spoken. */
export function connectTo({ port, isSecure }: Place, protocol: "h2" | "http/1.1"): Socket {
  const options = { port, host: "127.0.0.1", allowHalfOpen: true };
  const socket = isSecure
    ? connectSecurely({ ...options, rejectUnauthorized: false, ALPNProtocols: [protocol] })
    : connect(options);
  return socket.setNoDelay(true);
}
