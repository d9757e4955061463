import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { pino } from "pino";
import { beforeAll, describe, expect, it } from "vitest";
import { pinoLogger } from "../../src/telemetry/pino-logger.ts";
import { collectTelemetry, registerContexts } from "./collect-telemetry.ts";

const PAYLOAD = "the-customer-s-file";
const TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl";

beforeAll(registerContexts);

/** A logger, and the lines that it has written. */
function openLogger() {
  const lines: string[] = [];
  const logger = pinoLogger(pino({ base: null }, { write: (line) => void lines.push(line) }));
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? "{}") };
}

/** An error as a client's call makes one: with headers, details and properties of what was sent. */
function errorOfCall(): Error {
  const details = [{ desc: StringValueSchema, value: create(StringValueSchema, { value: PAYLOAD }) }];
  const error = new ConnectError("no", Code.Internal, { authorization: `Bearer ${TOKEN}` }, details);
  return Object.assign(error, { request: { payload: PAYLOAD, token: TOKEN } });
}

describe("a log by pino", () => {
  it("has the ids of the span in which something happens", () => {
    const { logger, last } = openLogger();
    collectTelemetry().tracer.startActiveSpan("work", (span) => {
      logger.error("it failed", new Error("no"));
      const { traceId, spanId } = span.spanContext();
      expect(last()).toMatchObject({ trace_id: traceId, span_id: spanId, trace_flags: "01" });
    });
  });

  it("has none where nothing is traced", () => {
    const { logger, last } = openLogger();
    logger.info("listening");
    expect(Object.keys(last())).toEqual(["level", "time", "msg"]);
  });

  it("tells of an error its kind, message, code and cause", () => {
    const { logger, last } = openLogger();
    const cause = Object.assign(new TypeError("the disk is gone"), { code: "EIO" });
    logger.error("it failed", new Error("no", { cause }));
    expect(last()).toMatchObject({
      msg: "it failed",
      exception: {
        type: "Error",
        message: "no",
        cause: { type: "TypeError", message: "the disk is gone", code: "EIO" },
      },
    });
  });

  it.each<[what: string, thrown: () => unknown]>([
    ["on an error", errorOfCall],
    ["in the cause of an error", () => new Error("no", { cause: errorOfCall() })],
    ["that is thrown itself", () => ({ payload: PAYLOAD, token: TOKEN })],
    ["in an error's text, as a header", () => new Error(`refused: authorization: Bearer ${TOKEN}`)],
    ["in an error's text, as it is", () => new Error(`refused ${TOKEN}`)],
    ["in an error's text, as a header of another scheme", () => new Error(`authorization: ${PAYLOAD}`)],
    ["in an error's text, as a cookie", () => new Error(`cookie: a=b; session=${PAYLOAD}`)],
    ["in an error's text, as a password", () => new Error(`host=db password=${PAYLOAD} user=me`)],
    ["in an error's text, as JSON", () => new Error(`{"clientSecret": "${PAYLOAD}"}`)],
    ["in an error's text, in a query", () => new Error(`GET /?access_token=${PAYLOAD}&a=1`)],
    ["as the name of an error", () => Object.assign(new Error("no"), { name: { payload: PAYLOAD } })],
    ["in the name of an error", () => Object.assign(new Error("no"), { name: `Bearer ${TOKEN}` })],
    ["as the code of an error", () => Object.assign(new Error("no"), { code: `Bearer ${TOKEN}` })],
    ["in one of several errors", () => new AggregateError([errorOfCall(), new Error(`Bearer ${TOKEN}`)])],
  ])("shows no token and no payload %s", (_, thrown) => {
    const { logger, lines } = openLogger();
    logger.error("it failed", thrown());
    expect(lines.filter((line) => line.includes(PAYLOAD) || line.includes(TOKEN))).toEqual([]);
  });

  it.each([
    ["a password", "postgres://me:s3cret@db/app is away", "postgres://me:[redacted]@db/app is away"],
    ["a password with an @", "redis://:s3@cret@db:6379", "redis://:[redacted]@db:6379"],
    ["a token", "https://s3cret@example.com/x", "https://[redacted]@example.com/x"],
    ["none", "http://127.0.0.1:8080/v1/a:cancel is away", "http://127.0.0.1:8080/v1/a:cancel is away"],
  ])("shows an address with %s without it", (_, said, shown) => {
    const { logger, last } = openLogger();
    logger.error("it failed", new Error(said));
    expect(last().exception.message).toBe(shown);
  });

  it("takes no longer than usual for a text that looks like very many addresses", () => {
    const { logger, lines } = openLogger();
    const startedMs = performance.now();
    logger.error("it failed", new Error("password token= a://b:".repeat(100_000)));
    expect([lines.length, performance.now() - startedMs < 2_000]).toEqual([1, true]);
  });

  it("tells of each error that an error is made of", () => {
    const { logger, last } = openLogger();
    const refused = (host: string) =>
      Object.assign(new Error(`refused by ${host}`), { code: "ECONNREFUSED" });
    logger.error("it failed", new AggregateError([refused("::1"), refused("127.0.0.1")]));
    expect(last().exception.errors).toMatchObject([
      { message: "refused by ::1", code: "ECONNREFUSED" },
      { message: "refused by 127.0.0.1", code: "ECONNREFUSED" },
    ]);
  });

  it("stays short where errors are made of errors without end", () => {
    const { logger, last } = openLogger();
    const error = new AggregateError([], "no");
    for (let i = 0; i < 100; i++) error.errors.push(error);
    error.cause = error;
    logger.error("it failed", error);
    expect(JSON.stringify(last()).length).toBeLessThan(100_000);
  });

  it("cuts off what is very long", () => {
    const { logger, last } = openLogger();
    logger.error("it failed", new Error("x".repeat(1_000_000)));
    expect(last().exception.message.length).toBeLessThan(20_000);
  });

  it("ends the chain of causes that is a circle", () => {
    const { logger, lines } = openLogger();
    const error = new Error("no");
    error.cause = error;
    logger.error("it failed", error);
    expect(lines.length).toBe(1);
  });

  it("says so where what was thrown cannot be shown", () => {
    const { logger, last } = openLogger();
    const refuse = () => {
      throw new Error("no");
    };
    logger.error("it failed", new Proxy({}, { getPrototypeOf: refuse, get: refuse }));
    expect(last().exception.message).toBe("what was thrown cannot be shown");
  });
});
