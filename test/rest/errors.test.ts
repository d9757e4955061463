import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { type EchoServer, errorIn, openEchoServer } from "./echo-server.ts";
import { EchoService, PartSchema, type Thing, ThingSchema } from "./gen/echo/v1/echo_pb.ts";
import { type OpenRestServer, openRestServer } from "./open-rest-server.ts";

describe("an error by REST", () => {
  let server: EchoServer;

  beforeAll(async () => {
    server = await openEchoServer();
  });

  afterAll(() => server[Symbol.asyncDispose]());

  it.each([
    [Code.Canceled, 499, "CANCELLED"],
    [Code.Unknown, 500, "UNKNOWN"],
    [Code.InvalidArgument, 400, "INVALID_ARGUMENT"],
    [Code.DeadlineExceeded, 504, "DEADLINE_EXCEEDED"],
    [Code.NotFound, 404, "NOT_FOUND"],
    [Code.AlreadyExists, 409, "ALREADY_EXISTS"],
    [Code.PermissionDenied, 403, "PERMISSION_DENIED"],
    [Code.ResourceExhausted, 429, "RESOURCE_EXHAUSTED"],
    [Code.FailedPrecondition, 400, "FAILED_PRECONDITION"],
    [Code.Aborted, 409, "ABORTED"],
    [Code.OutOfRange, 400, "OUT_OF_RANGE"],
    [Code.Unimplemented, 501, "UNIMPLEMENTED"],
    [Code.Internal, 500, "INTERNAL"],
    [Code.Unavailable, 503, "UNAVAILABLE"],
    [Code.DataLoss, 500, "DATA_LOSS"],
    [Code.Unauthenticated, 401, "UNAUTHENTICATED"],
  ])("of code %i has the HTTP status %i and is called %s", async (code, status, name) => {
    const response = await fetch(`${server.url}/v1/fail/${code}?message=so+it+is`);
    expect([response.status, await response.json()]).toEqual([
      status,
      { error: { code: status, status: name, message: "so it is", details: [] } },
    ]);
  });

  it("carries details, and those of unknown types as their bytes", async () => {
    await using open = await openFailing(() => {
      const known = { desc: PartSchema, value: { name: "p" } };
      throw Object.assign(new ConnectError("no", Code.Aborted, { "x-more": "told" }), {
        details: [known, { type: "un.Known", value: new Uint8Array([1, 255]) }],
      });
    });
    expect((await errorIn(await fetch(`${open.url}/v1/things/a`))).details).toEqual([
      { "@type": "type.googleapis.com/echo.v1.Part", name: "p" },
      { "@type": "type.googleapis.com/un.Known", value: "Af8=" },
    ]);
  });

  it("carries the headers that the method gives it", async () => {
    await using open = await openFailing(() => {
      throw new ConnectError("no", Code.Aborted, { "x-more": "told" });
    });
    expect((await fetch(`${open.url}/v1/things/a`)).headers.get("x-more")).toBe("told");
  });

  it.each<[seconds: bigint, nanos: number, said: string]>([
    [3n, 0, "3"],
    [0n, 200_000_000, "1"],
    [0n, 0, "0"],
  ])("says in Retry-After what its RetryInfo says: %ds and %dns", async (seconds, nanos, said) => {
    const detail = { desc: RetryInfoSchema, value: { retryDelay: { seconds, nanos } } };
    await using open = await openFailing(() => {
      throw new ConnectError("no", Code.ResourceExhausted, undefined, [detail]);
    });
    expect((await fetch(`${open.url}/v1/things/a`)).headers.get("retry-after")).toBe(said);
  });

  it("keeps the Retry-After that the method gives it", async () => {
    const detail = { desc: RetryInfoSchema, value: { retryDelay: { seconds: 3n } } };
    await using open = await openFailing(() => {
      throw new ConnectError("no", Code.ResourceExhausted, { "retry-after": "7" }, [detail]);
    });
    expect((await fetch(`${open.url}/v1/things/a`)).headers.get("retry-after")).toBe("7");
  });

  it("does not tell what was thrown that is no error of a call", async () => {
    await using open = await openFailing(() => {
      throw new Error("secret");
    });
    expect(await errorIn(await fetch(`${open.url}/v1/things/a`))).toMatchObject({
      code: 500,
      message: "internal error",
    });
  });

  it("stands for an answer that JSON cannot hold, and the server hears of it", async () => {
    const afterAllTimes = { seconds: 253_402_300_800n };
    await using open = await openFailing(() => create(ThingSchema, { createTime: afterAllTimes }));
    const { code, message } = await errorIn(await fetch(`${open.url}/v1/things/a`));
    expect([code, message, open.failures]).toEqual([
      500,
      "internal error",
      [
        expect.stringMatching(
          /^the answer of echo.v1.EchoService\/GetThing is not sent as JSON: .*Timestamp/,
        ),
      ],
    ]);
  });

  it("is none for an answer with an Any of a type that nobody here knows", async () => {
    const extra = create(AnySchema, {
      typeUrl: "type.googleapis.com/un.Known",
      value: new Uint8Array([1, 255]),
    });
    await using open = await openFailing(() => create(ThingSchema, { extra }));
    const thing = (await (await fetch(`${open.url}/v1/things/a`)).json()) as { extra: unknown };
    expect(thing.extra).toEqual({ "@type": "type.googleapis.com/un.Known", value: "Af8=" });
  });

  it("of a deadline that is over is DEADLINE_EXCEEDED", async () => {
    await using open = await openFailing(async (_, { signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    });
    const response = await fetch(`${open.url}/v1/things/a`, { headers: { "x-server-timeout": "0.05" } });
    expect(await errorIn(response)).toMatchObject({ code: 504, status: "DEADLINE_EXCEEDED" });
  });

  it("is not needed by a client that has gone: the method hears of that", async () => {
    const called = Promise.withResolvers<AbortSignal>();
    await using open = await openFailing(async (_, { signal }) => {
      called.resolve(signal);
      await once(signal, "abort");
      throw signal.reason;
    });
    const leave = new AbortController();
    const response = fetch(`${open.url}/v1/things/a`, { signal: leave.signal }).catch(() => "left");
    const signal = await called.promise;
    leave.abort();
    if (!signal.aborted) await once(signal, "abort");
    expect([await response, signal.aborted]).toEqual(["left", true]);
  });
});

/** A server whose GetThing does just this. */
function openFailing(
  getThing: (thing: Thing, context: HandlerContext) => Thing | Promise<Thing>,
): Promise<OpenRestServer> {
  return openRestServer({ routes: (router) => router.service(EchoService, { getThing }) });
}
