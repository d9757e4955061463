import { FLAG, FRAME, frame, grpcFields, headerBlock } from "../../server/raw-http2.ts";
import type { Step } from "../call.ts";
import type { Case, Topic } from "../topic.ts";
import { bodyBy, CALL, callBy, FEW_WAYS, headersOf, type Request, WAYS } from "../ways.ts";

const overHttp2 = WAYS.filter(({ http }) => http === "HTTP/2");

/** Calls by every protocol on one connection, all at once. */
function together(name: string, requests: readonly Request[]): Case {
  return {
    name,
    // Once, and not by every way.
    by: (way) => {
      if (way.name !== "application/grpc+proto over HTTP/2") return undefined;
      const calls = requests.flatMap((request, i) =>
        overHttp2.map((each) =>
          callBy(each, { text: `${i}`, ...request }, { headers: [["x-place", `${i} ${each.name}`]] }),
        ),
      );
      return { http: "at once", calls };
    },
  };
}

/** Calls that share their connection. */
export const shared: Topic = {
  name: "calls at once, on one connection,",
  cases: [
    together("that are the same", Array(10).fill({})),
    together("that look at nothing", Array(10).fill({ glance: "none" })),
    together(
      "that are of many kinds",
      [
        ...["echo", "headers and trailers", "throws a ConnectError with metadata", "echo, later", "nothing"],
        ...["throws an Error", "an empty object", "a status in the trailers", "no content type", "echo"],
      ].map((behaviour) => ({ behaviour })),
    ),
    together("more than are answered at once", Array(30).fill({ glance: "none" })),
  ],
};

const grpc = WAYS.find(({ name }) => name === "application/grpc+proto over HTTP/2");
const body = grpc === undefined ? new Uint8Array() : bodyBy(grpc, { text: "a" });
const fields = headerBlock(grpcFields(CALL));
const cancel = frame(FRAME.rstStream, 0, 1, Buffer.from([0, 0, 0, 8]));

const headers = (flags: number, block: Uint8Array = fields) => frame(FRAME.headers, flags, 1, block);
const data = (flags: number, bytes: Uint8Array = body) => frame(FRAME.data, flags, 1, bytes);

/** Calls that are reset with all that they sent may have been begun, or not. */
const RESET = { answersOnly: true };

function inFrames(name: string, ...steps: readonly Step[]): Case {
  return {
    name,
    by: (way) =>
      way.name === "application/grpc+proto over HTTP/2" ? { http: "as frames", steps } : undefined,
  };
}

const PADDED = 8;
const padded = Buffer.concat([Buffer.from([4]), body, Buffer.alloc(4)]);

/** What Node's own client does not send. */
export const frameByFrame: Topic = {
  name: "over HTTP/2, frame by frame,",
  cases: [
    inFrames("a call", headers(FLAG.endHeaders), data(FLAG.endStream)),
    inFrames("a call in one piece", Buffer.concat([headers(FLAG.endHeaders), data(FLAG.endStream)])),
    inFrames(
      "a call whose headers come in pieces",
      headers(0, fields.subarray(0, 20)),
      "pause",
      frame(FRAME.continuation, FLAG.endHeaders, 1, fields.subarray(20)),
      data(FLAG.endStream),
    ),
    inFrames("a call that is reset amid its headers", headers(0, fields.subarray(0, 20)), "pause", cancel),
    inFrames("a call that is reset with its headers", Buffer.concat([headers(FLAG.endHeaders), cancel])),
    {
      ...inFrames(
        "a call that is reset in one piece",
        Buffer.concat([headers(FLAG.endHeaders), data(FLAG.endStream), cancel]),
      ),
      comparing: RESET,
    },
    inFrames("a call of headers alone", headers(FLAG.endHeaders | FLAG.endStream)),
    inFrames(
      "an end of its own",
      headers(FLAG.endHeaders),
      data(0),
      "pause",
      data(FLAG.endStream, new Uint8Array()),
    ),
    inFrames(
      "pieces of nothing",
      headers(FLAG.endHeaders),
      data(0, new Uint8Array()),
      data(0, new Uint8Array()),
      data(FLAG.endStream),
    ),
    inFrames("padding", headers(FLAG.endHeaders), data(FLAG.endStream | PADDED, padded)),
    inFrames(
      "more padding than there is",
      headers(FLAG.endHeaders),
      data(FLAG.endStream | PADDED, Buffer.from([200, 0])),
    ),
    inFrames(
      "trailers of a request",
      headers(FLAG.endHeaders),
      data(0),
      headers(FLAG.endHeaders | FLAG.endStream, headerBlock({ "x-trailer": "yes" })),
    ),
    {
      ...inFrames(
        "data behind the end",
        headers(FLAG.endHeaders),
        data(FLAG.endStream),
        data(FLAG.endStream),
      ),
      comparing: RESET,
    },
    inFrames("data before headers", data(FLAG.endStream)),
    inFrames(
      "a header name in capitals",
      headers(FLAG.endHeaders, headerBlock({ ...grpcFields(CALL), "X-Capital": "yes" })),
      data(FLAG.endStream),
    ),
    inFrames(
      "a header that HTTP/2 forbids",
      headers(FLAG.endHeaders, headerBlock({ ...grpcFields(CALL), connection: "close" })),
      data(FLAG.endStream),
    ),
    inFrames(
      "no authority, but a host",
      headers(
        FLAG.endHeaders,
        headerBlock({ ...grpcFields(CALL), ":authority": undefined, host: "probe.test" }),
      ),
      data(FLAG.endStream),
    ),
    inFrames(
      "a path that is none",
      headers(FLAG.endHeaders, headerBlock({ ...grpcFields(CALL), ":path": "*" })),
      data(FLAG.endStream),
    ),
    inFrames(
      "cookies in pieces",
      headers(
        FLAG.endHeaders,
        Buffer.concat([fields, headerBlock({ cookie: "a=1" }), headerBlock({ cookie: "b=2" })]),
      ),
      data(FLAG.endStream),
    ),
  ],
};

/** Clients that take their time. Each takes seconds, and so they come by few ways. */
export const slow: Topic = {
  name: "a client that dawdles",
  cases: dawdling().map((one) => ({
    ...one,
    by: (way) => (FEW_WAYS.includes(way) ? one.by(way) : undefined),
  })),
};

function dawdling(): readonly Case[] {
  return [
    { name: "before its body", by: (way) => callBy(way, {}, { steps: ["dawdle", bodyBy(way, {}), "end"] }) },
    {
      name: "amid its body",
      by: (way) => {
        const bytes = bodyBy(way, { text: "a" });
        return callBy(way, {}, { steps: [bytes.subarray(0, 6), "dawdle", bytes.subarray(6), "end"] });
      },
    },
    {
      name: "before its body, beyond its deadline",
      by: (way) => {
        const timeout = way.protocol === "Connect" ? "100" : "100m";
        const body = bodyBy(way, { behaviour: "waits, and throws why it was woken", glance: "none" });
        return callBy(
          way,
          {},
          {
            headers: [
              [headersOf(way).timeout, timeout],
              ["content-length", `${body.byteLength}`],
            ],
            steps: ["dawdle", body, "end"],
          },
        );
      },
    },
    {
      name: "amid its body, beyond its deadline",
      by: (way) => {
        const bytes = bodyBy(way, { text: "a" });
        const timeout = way.protocol === "Connect" ? "2500" : "2500m";
        const steps = [bytes.subarray(0, 6), "dawdle", bytes.subarray(6), "end"] as const;
        return callBy(way, {}, { headers: [[headersOf(way).timeout, timeout]], steps });
      },
    },
    {
      name: "amid its body, and goes",
      comparing: { notesOnly: true },
      by: (way) =>
        callBy(way, {}, { steps: [bodyBy(way, { text: "a" }).subarray(0, 6), "dawdle", "destroy"] }),
    },
  ];
}
