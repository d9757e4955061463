import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callHttp1 } from "../server/calls.ts";
import { openServer } from "../server/open-server.ts";
import { WAIT_OPERATION } from "../server/raw-http.ts";
import { FRAME, frame, grpcFields, headerBlock } from "../server/raw-http2.ts";
import { until } from "../until.ts";
import { call, headers, message, reset, settingsFrame, Wire, windowUpdate } from "./wire.ts";

/** A few streams, so that frames meet. */
const stream = fc.integer({ min: 0, max: 4 }).map((i) => 2 * i + 1);

const paths = ["/google.longrunning.Operations/GetOperation", WAIT_OPERATION, "/v1/operations", "/nope"];
const oddities = [
  {},
  { "x-a": "\xff" },
  { "X-Upper": "a" },
  { connection: "close" },
  { "content-length": "7" },
  { "grpc-timeout": "1m" },
  { ":path": undefined },
  { ":method": "GET" },
];
const header = fc
  .tuple(
    stream,
    fc.constantFrom(...paths),
    fc.constantFrom(...oddities),
    fc.constantFrom(0, 1, 4, 4, 4, 5, 8, 12, 32),
  )
  .map(([id, path, fields, flags]) =>
    frame(FRAME.headers, flags, id, headerBlock({ ...grpcFields(path), ...fields })),
  );
const bytes = fc.uint8Array({ maxLength: 40 });
const any = fc
  .tuple(fc.nat(12), fc.nat(255), fc.oneof(stream, fc.nat(20)), bytes)
  .map(([kind, flags, id, payload]) => frame(kind, flags, id, payload));

/** What a client may send, and what none should. */
const frames = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(stream, fc.constantFrom(...paths)).map(([id, path]) => call(id, { path })),
    },
    { weight: 4, arbitrary: header },
    {
      weight: 2,
      arbitrary: fc.tuple(stream, fc.nat(1)).map(([id, flags]) => frame(FRAME.data, flags, id, message())),
    },
    { weight: 2, arbitrary: fc.tuple(stream, fc.nat(14)).map(([id, code]) => reset(id, code)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.oneof(stream, fc.constant(0)), fc.nat(100))
        .map(([id, n]) => windowUpdate(id, n)),
    },
    { weight: 1, arbitrary: fc.nat(100).map((size) => settingsFrame([[4, size]])) },
    { weight: 1, arbitrary: stream.map((id) => headers(id, { flags: 0 })) },
    { weight: 1, arbitrary: any },
  ),
  { minLength: 1, maxLength: 40 },
);

describe("a server that is sent any frames", () => {
  it("serves others, and keeps nothing of those who have gone", { timeout: 120_000 }, async () => {
    await using server = await openServer();
    await fc.assert(
      fc.asyncProperty(frames, fc.nat(3), fc.boolean(), async (all, pace, isReset) => {
        const wire = new Wire(server.connect());
        for (const [i, one] of all.entries()) {
          wire.send(one);
          if (pace > 0 && i % pace === 0) await nextTurn();
        }
        if (isReset) wire.socket.resetAndDestroy();
        else wire.socket.end();
        if (!wire.socket.closed) await once(wire.socket, "close");
      }),
      { numRuns: 500 },
    );
    await until(() => server.operations.service.waiting === 0);
    expect([(await callHttp1(server.url)).status, server.logged]).toEqual([200, []]);
  });
});
