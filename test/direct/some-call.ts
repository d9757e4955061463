import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { ANSWERS, ERRORS, UNSENDABLE, WAITS } from "./behaviours.ts";
import type { Call, Header, Step } from "./call.ts";
import {
  bodyBy,
  CALL,
  callBy,
  framed,
  headersOf,
  LOOK,
  messageBy,
  type Request,
  WAYS,
  type Way,
} from "./ways.ts";

/** A call, and whether its client hears how it ends. */
export interface SomeCall {
  readonly call: Call;
  readonly isHeard: boolean;
}

const mostly = <T>(usual: T, others: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });

const someText = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.toWellFormed());

const someRequest: fc.Arbitrary<Request> = fc.record({
  behaviour: mostly("echo", fc.constantFrom(...Object.keys({ ...ANSWERS, ...ERRORS, ...UNSENDABLE }))),
  glance: fc.constantFrom("all", "none", "late"),
  text: someText,
  data: fc.uint8Array({ maxLength: 300 }),
  size: fc.constantFrom(0, 1, 100, 3_000),
});

const someContentType = fc.constantFrom(
  ...[
    "application/grpc",
    "application/grpc-web",
    "application/grpc-web-text",
    "application/json; charset=utf-8",
  ],
  ...[
    "application/proto",
    "application/json",
    "APPLICATION/JSON",
    "application/grpc+json",
    "text/plain",
    undefined,
  ],
);

const someHeaderValue = fc.oneof(
  fc.constantFrom("", "1", "a, b", "AAEC", "AAE=", "!!!", "identity", "gzip", "br", "trailers"),
  fc.string({ unit: fc.constantFrom(..."abcXYZ012 ,;=+/-_") }).map((text) => text.trim()),
);

const someOwnHeader: fc.Arbitrary<Header> = fc.tuple(
  fc.oneof(
    fc.constantFrom(
      "x-one",
      "x-two",
      "X-One",
      "x-some-bin",
      "grpc-own",
      "connect-own",
      "cookie",
      "user-agent",
    ),
    fc.string({ unit: fc.constantFrom(..."abcxyz-"), minLength: 1, maxLength: 8 }).map((name) => `x-${name}`),
  ),
  someHeaderValue,
);

/** What its protocol reads. A deadline is over long after the call, or is none. */
function someHeaderOf(way: Way): fc.Arbitrary<Header> {
  const { timeout, encoding, accept } = headersOf(way);
  const deadlines = way.protocol === "Connect" ? ["60000", "9999999"] : ["60S", "9M", "99999999u"];
  return fc.oneof(
    fc.tuple(fc.constant(timeout), fc.constantFrom(...deadlines, "none", "-1", "1e9", "")),
    fc.tuple(fc.constant(encoding), fc.constantFrom("identity", "gzip", "br", "")),
    fc.tuple(fc.constant(accept), fc.constantFrom("gzip", "identity", "br, gzip", "gzip;q=1", "*")),
    fc.tuple(fc.constant("connect-protocol-version"), fc.constantFrom("1", "2", "")),
  );
}

/** A body that is right, or not in one of many ways. */
function someBody(way: Way, request: Request): fc.Arbitrary<Uint8Array> {
  const right = bodyBy(way, request);
  const message = messageBy(way, request);
  const flags = fc.constantFrom(0, 1, 2, 3, 0x80, 0xff);
  const length = fc.constantFrom(0, 1, message.byteLength - 1, message.byteLength + 1, 0xffffffff);
  return mostly(
    right,
    fc.oneof(
      fc.nat(right.byteLength).map((end) => right.subarray(0, end)),
      fc.uint8Array({ minLength: 1, maxLength: 10 }).map((more) => Buffer.concat([right, more])),
      fc.constant(Buffer.concat([right, right])),
      flags.map((flag) => framed(way, message, flag)),
      length.map((said) => framed(way, message, 0, Math.max(said, 0))),
      fc.constant(framed(way, gzipSync(message), 1)),
      fc.uint8Array({ maxLength: 30 }),
      fc
        .tuple(fc.nat(Math.max(right.byteLength - 1, 0)), fc.nat(255))
        .map(([at, byte]) => right.map((old, i) => (i === at ? byte : old))),
    ),
  );
}

/** A body in some pieces, with pauses or without. */
function somePieces(bytes: Uint8Array): fc.Arbitrary<readonly Step[]> {
  const cuts = fc.uniqueArray(fc.nat(bytes.byteLength), { maxLength: 4 });
  return mostly<readonly Step[]>(
    [bytes],
    fc.tuple(cuts, fc.boolean()).map(([places, pauses]) => {
      const ends = [...places.toSorted((a, b) => a - b), bytes.byteLength];
      const pieces = ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
      return pieces.flatMap((piece): Step[] => (pauses ? [piece, "pause"] : [piece]));
    }),
  );
}

const someTarget = mostly(
  { method: "POST", path: CALL },
  fc.record({
    method: fc.constantFrom("POST", "GET", "PUT", "HEAD", "OPTIONS"),
    path: fc.constantFrom(
      CALL,
      LOOK,
      `${CALL}?a=b`,
      `${CALL}/`,
      `${LOOK}?connect=v1&encoding=json&message={}`,
    ),
  }),
);

/** A call that its client sends to the end. */
function someWhole(way: Way): fc.Arbitrary<SomeCall> {
  return fc
    .record({
      request: someRequest,
      own: fc.array(someOwnHeader, { maxLength: 4 }),
      known: fc.array(someHeaderOf(way), { maxLength: 2 }),
      contentType: mostly<string | undefined>(way.contentType, someContentType),
      target: someTarget,
      isChunked: mostly(false, fc.constant(true)),
    })
    .chain(({ request, own, known, contentType, target, isChunked }) =>
      someBody(way, request)
        .chain((bytes) => (hasMore(bytes) ? fc.constant<readonly Step[]>([bytes]) : somePieces(bytes)))
        .map((pieces) => {
          const isHttp1 = way.http === "HTTP/1.1";
          const chunked: Header[] = isHttp1 && isChunked ? [["transfer-encoding", "chunked"]] : [];
          // Of a content length that is wrong, cases/frames.ts tells: behind a request that is whole, what is none ends the
          // connection, and chance decides which of the two comes first.
          const headers = withoutTwins([...own, ...known, ...chunked]);
          const steps: Step[] = [...pieces, "end"];
          if (isHttp1 && target.method !== "POST") steps.push("half-close");
          return { call: callBy(way, {}, { ...target, contentType, headers, steps }), isHeard: true };
        }),
    );
}

/**
 * Whether more stands behind the first envelope. Connect reads the envelopes of a piece before it looks into the first of
 * them, and so says what is wrong with a later one where both come together, which in several pieces chance decides.
 */
function hasMore(bytes: Uint8Array): boolean {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteLength > 5 && new DataView(buffer, byteOffset, byteLength).getUint32(1) + 5 < byteLength;
}

/** Of most headers that have a meaning Node's client sends one. */
function withoutTwins(headers: readonly Header[]): Header[] {
  const first = new Map(headers.toReversed().map((header) => [header[0].toLowerCase(), header]));
  return headers.filter((header) => /^x-/i.test(header[0]) || first.get(header[0].toLowerCase()) === header);
}

/** A call that its client gives up: in its body, or while its handler waits. */
function someGivenUp(way: Way): fc.Arbitrary<SomeCall> {
  const reset = fc.nat(13).map((code): Step => `reset ${code}`);
  const end: fc.Arbitrary<Step> =
    way.http === "HTTP/2" ? fc.oneof(reset, fc.constant<Step>("destroy")) : fc.constant("destroy");
  const waiting = fc.constantFrom(...Object.keys(WAITS)).chain((behaviour) => {
    const body = bodyBy(way, { behaviour });
    return fc.constant<readonly Step[]>([body, "end", "noted"]);
  });
  const half = fc.record({ request: someRequest, share: fc.nat(99) }).chain(({ request, share }) => {
    const body = bodyBy(way, request);
    return somePieces(body.subarray(0, Math.floor((body.byteLength * share) / 100)));
  });
  const headers: readonly Header[] = way.http === "HTTP/1.1" ? [["transfer-encoding", "chunked"]] : [];
  return fc.tuple(fc.oneof(waiting, half), end).map(([steps, last]) => ({
    call: callBy(way, {}, { headers, steps: [...steps, last] }),
    isHeard: false,
  }));
}

/** Any call that either is answered or is given up, by any way. */
export const someCall: fc.Arbitrary<SomeCall> = fc
  .constantFrom(...WAYS)
  .chain((way) =>
    fc.oneof({ weight: 6, arbitrary: someWhole(way) }, { weight: 1, arbitrary: someGivenUp(way) }),
  );
