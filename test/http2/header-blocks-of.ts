import { once } from "node:events";
import { connect, type OutgoingHttpHeaders } from "node:http2";
import { type AddressInfo, createServer } from "node:net";
import { PREFACE } from "../../src/http2/codes.ts";
import { framesOf } from "../server/frames-of.ts";
import { FRAME, frame } from "../server/raw-http2.ts";

/** The header blocks that a client of node:http2 sends on one connection for requests with such headers. */
export async function headerBlocksOf(requests: readonly OutgoingHttpHeaders[]): Promise<Buffer[]> {
  let bytes: Buffer = Buffer.alloc(0);
  const blocks = () => {
    const frames = framesOf(bytes.subarray(PREFACE.byteLength));
    const begins = frames.flatMap(({ kind }, i) => (kind === FRAME.headers ? [i] : []));
    return begins.map((begin, i) => {
      const own = frames.slice(begin, begins[i + 1]);
      const ofBlock = own.filter(({ kind }) => kind === FRAME.headers || kind === FRAME.continuation);
      return Buffer.concat(ofBlock.map(({ payload }) => payload));
    });
  };
  const all = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.write(frame(FRAME.settings, 0, 0));
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (blocks().length === requests.length) all.resolve();
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client.on("error", () => {});
  for (const headers of requests) client.request(headers, { endStream: true }).on("error", () => {});
  await all.promise;
  client.destroy();
  server.close();
  return blocks();
}
