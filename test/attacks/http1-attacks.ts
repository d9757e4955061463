import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { HOST, JSON_BODY, rawRequest } from "../server/raw-http.ts";
import { type Attack, always, METHODS, open } from "./hostile-socket.ts";
import { LISTED } from "./names.ts";

const PAGE = JSON.stringify({ name: LISTED, pageSize: 1_000 });

/** Keeps sending on a connection, for ever nearly done. */
async function trickle(port: number, begin: string, more: string): Promise<void> {
  const socket = open(port);
  socket.resume();
  socket.write(begin);
  while (!socket.destroyed) {
    await pause(500);
    socket.write(more);
  }
}

export const HTTP1_ATTACKS: Readonly<Record<string, Attack>> = {
  "slow headers": (port) => {
    for (let i = 0; i < 300; i++) void trickle(port, `GET / HTTP/1.1\r\n${HOST}\r\n`, "X-A: b\r\n");
  },
  "slow bodies": (port) => {
    const begin = rawRequest({ target: METHODS.simulate, body: "{", length: 4_000_000 });
    for (let i = 0; i < 100; i++) void trickle(port, begin, " ");
  },
  "large bodies that never end": (port) =>
    always(150, port, (socket) => {
      socket.write(rawRequest({ target: METHODS.simulate, body: "x".repeat(4_000_000), length: 4_100_000 }));
    }),
  "pages that nobody reads": (port) =>
    always(40, port, (socket) => {
      socket.pause();
      socket.write(rawRequest({ target: METHODS.list, body: PAGE }).repeat(3));
    }),
  "zip bombs": (port) => {
    const bomb = gzipSync(Buffer.alloc(40_000_000));
    const headers = [HOST, JSON_BODY, "Content-Encoding: gzip", "Connection: close"];
    always(4, port, (socket) => {
      socket.resume();
      socket.write(rawRequest({ target: METHODS.simulate, headers, body: "", length: bomb.length }));
      socket.write(bomb);
    });
  },
  "deep JSON": (port) =>
    always(2, port, (socket) => {
      socket.on("data", () => socket.destroy());
      socket.write(rawRequest({ body: `{"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}` }));
    }),
  "deep JSON for a service, compressed": (port) => {
    const bomb = gzipSync(`{"payload":"a","x":${"[".repeat(2_000_000)}${"]".repeat(2_000_000)}}`);
    const headers = [HOST, JSON_BODY, "Content-Encoding: gzip"];
    always(4, port, (socket) => {
      socket.on("data", () => socket.destroy());
      socket.write(rawRequest({ target: METHODS.simulate, headers, body: "", length: bomb.length }));
      socket.write(bomb);
    });
  },
  "connections that are reset at once": (port) =>
    always(20, port, (socket) => socket.on("connect", () => socket.resetAndDestroy())),
};
