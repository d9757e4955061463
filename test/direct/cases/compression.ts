import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Header } from "../call.ts";
import type { Case, Topic } from "../topic.ts";
import { callBy, framed, headersOf, messageBy, type Request, type Way } from "../ways.ts";

const TEXT: Request = { behaviour: "text of a size", size: 3_000 };

interface Compressed {
  readonly encoding?: string;
  readonly accept?: string;
  readonly flags?: number;
  readonly request?: Request;
  readonly compress?: (message: Uint8Array) => Uint8Array;
  readonly headers?: readonly Header[];
}

function compressed(name: string, { encoding, accept, flags, request, compress, headers }: Compressed): Case {
  return {
    name,
    by: (way: Way) => {
      const names = headersOf(way);
      const message = messageBy(way, request ?? { text: "a" });
      const body = framed(way, compress?.(message) ?? message, flags ?? (compress === undefined ? 0 : 1));
      const said: Header[] = [...(headers ?? [])];
      if (encoding !== undefined) said.push([names.encoding, encoding]);
      if (accept !== undefined) said.push([names.accept, accept]);
      return callBy(way, {}, { headers: said, steps: [body, "end"] });
    },
  };
}

const ENCODINGS = [
  "identity",
  "gzip",
  "br",
  "deflate",
  "GZIP",
  "",
  " gzip",
  "gzip, identity",
  "x-gzip",
  "none",
];

const ACCEPTS = [
  ...[
    "gzip",
    "br",
    "identity",
    "br, gzip",
    "gzip,br",
    "identity, gzip",
    "gzip;q=1.0",
    "gzip; q=0",
    "*",
    "GZIP",
    "",
  ],
  ...[",", ",gzip", "deflate,gzip", "gzip, deflate, br", "none"],
];

const cases: readonly Case[] = [
  ...ENCODINGS.map((encoding) => compressed(`says "${encoding}", and is plain`, { encoding })),
  ...ENCODINGS.map((encoding) =>
    compressed(`says "${encoding}", and is gzip`, { encoding, compress: gzipSync }),
  ),
  ...ENCODINGS.map((encoding) =>
    compressed(`says "${encoding}", and is gzip without a flag`, { encoding, compress: gzipSync, flags: 0 }),
  ),
  ...ENCODINGS.map((encoding) =>
    compressed(`says "${encoding}", and is plain with a flag`, { encoding, flags: 1 }),
  ),
  compressed("is gzip, and says nothing", { compress: gzipSync }),
  compressed("says gzip, and is brotli", { encoding: "gzip", compress: brotliCompressSync }),
  compressed("says gzip, and is deflate", { encoding: "gzip", compress: deflateSync }),
  compressed("says brotli, and is", { encoding: "br", compress: brotliCompressSync }),
  compressed("says gzip, and is half of one", {
    encoding: "gzip",
    compress: (message) => gzipSync(message).subarray(0, 12),
  }),
  compressed("says gzip, and has more behind it", {
    encoding: "gzip",
    compress: (message) => Buffer.concat([gzipSync(message), Buffer.from("more")]),
  }),
  compressed("says gzip, and has two of them", {
    encoding: "gzip",
    compress: (message) => Buffer.concat([gzipSync(message), gzipSync(message)]),
  }),
  compressed("says gzip, and is empty", { encoding: "gzip", compress: () => new Uint8Array() }),
  compressed("is gzip of nothing", { encoding: "gzip", compress: () => gzipSync("") }),
  compressed("is large in gzip", {
    encoding: "gzip",
    compress: gzipSync,
    request: { text: "x".repeat(100_000), glance: "none" },
  }),
  ...ACCEPTS.map((accept) => compressed(`takes "${accept}"`, { accept, request: TEXT })),
  ...ACCEPTS.map((accept) => compressed(`takes "${accept}", for little`, { accept })),
  compressed("is gzip, and takes no other", {
    encoding: "gzip",
    compress: gzipSync,
    accept: "gzip",
    request: TEXT,
  }),
  compressed("is gzip, and takes none", {
    encoding: "gzip",
    compress: gzipSync,
    accept: "identity",
    request: TEXT,
  }),
  compressed("is gzip, and does not say what it takes", {
    encoding: "gzip",
    compress: gzipSync,
    request: TEXT,
  }),
  ...["throws a ConnectError with a long message", "throws an Error", "headers and trailers", "nothing"].map(
    (behaviour) =>
      compressed(`takes gzip, and is answered: ${behaviour}`, { accept: "gzip", request: { behaviour } }),
  ),
  compressed("takes the gzip of other protocols", {
    headers: [
      ["accept-encoding", "gzip"],
      ["grpc-accept-encoding", "gzip"],
    ],
    request: TEXT,
  }),
];

const sizes = [98, 99, 100, 101, 102].map((size) =>
  compressed(`takes gzip, for ${size} characters`, {
    accept: "gzip",
    request: { behaviour: "text of a size", size },
  }),
);

/** What a client compresses, and what it can open. */
export const compression: Topic = { name: "a request that", cases };

/** An answer is compressed from this size on. */
export const leastCompressed: Topic = {
  name: "where answers of 100 bytes are compressed, a request that",
  setup: { connect: () => ({ compressMinBytes: 100 }) },
  cases: sizes,
};

/** Nothing is compressed. */
export const uncompressed: Topic = {
  name: "where nothing is compressed, a request that",
  setup: { connect: () => ({ acceptCompression: [] }) },
  cases: [
    compressed("is gzip", { encoding: "gzip", compress: gzipSync }),
    compressed("is plain", {}),
    compressed("takes gzip", { accept: "gzip", request: TEXT }),
  ],
};
