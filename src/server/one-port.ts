import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";

/** What a client that speaks HTTP/2 sends first (RFC 9113, section 3.4). */
const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** A socket that sends too little to tell which HTTP it speaks is closed after so long. */
export const SILENCE_MS = 60_000;

/**
 * Serves HTTP/2 with prior knowledge and HTTP/1.1 on one cleartext port: `http1` listens, and hands each
 * connection that begins with HTTP/2's preface to `takeHttp2`. Node's own `allowHTTP1` does so only over TLS.
 * `takeHttp1` has the others first, which it may `leave` to `http1` later; all are left where there is none.
 * `undecided` are the connections, kept up to date, that have not shown yet which they are.
 */
export function shareOnePort(
  http1: HttpServer,
  takeHttp2: (socket: Socket) => void,
  takeHttp1: ((socket: Socket) => void) | undefined,
): { readonly undecided: ReadonlySet<Socket>; leave(socket: Socket): void } {
  const undecided = new Set<Socket>();
  const listeners = http1.listeners("connection");
  const leave = (socket: Socket) => {
    for (const listener of listeners) listener.call(http1, socket);
  };
  http1.removeAllListeners("connection");
  http1.on("connection", (socket: Socket) => {
    undecided.add(socket);
    const forget = () => undecided.delete(socket);
    socket.once("close", forget);
    recognize(socket, (isHttp2) => {
      forget();
      socket.off("close", forget);
      if (isHttp2) {
        // HTTP/1's listener leaves a socket half open when its client is gone; a session would wait there for ever.
        socket.allowHalfOpen = false;
        takeHttp2(socket);
      } else (takeHttp1 ?? leave)(socket);
    });
  });
  return { undecided, leave };
}

/** Reads until the preface is there or can no longer come, puts back what was read, and tells which it was. */
function recognize(socket: Socket, decide: (isHttp2: boolean) => void): void {
  let seen: Buffer = Buffer.alloc(0);
  const onReadable = () => {
    for (let chunk: Buffer | null = socket.read(); chunk !== null; chunk = socket.read()) {
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    }
    const length = Math.min(seen.length, PREFACE.length);
    if (!seen.subarray(0, length).equals(PREFACE.subarray(0, length))) settle(false);
    else if (length === PREFACE.length) settle(true);
  };
  const settle = (isHttp2: boolean) => {
    leave();
    socket.unshift(seen);
    decide(isHttp2);
  };
  // Also for one who closes half: there is nothing to answer yet.
  const close = () => {
    leave();
    socket.destroy();
  };
  const leave = () => {
    socket.setTimeout(0);
    socket.off("readable", onReadable);
    socket.off("timeout", close);
    socket.off("error", close);
    socket.off("end", close);
  };
  socket.on("readable", onReadable);
  socket.on("timeout", close);
  socket.on("error", close);
  socket.on("end", close);
  socket.setTimeout(SILENCE_MS);
}
