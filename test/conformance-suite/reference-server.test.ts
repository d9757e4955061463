import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROTOCOLS, type Protocol } from "../../src/conformance/protocol.ts";
import { type ConformanceReport, checkConformance } from "../../src/testing/index.ts";
import { type ReferenceServer, startReferenceServer } from "../examples/reference-server.ts";

/** What cannot be asked of a server without credentials, or over a protocol, by the beginnings of its ids. */
const NOT_ASKED: Readonly<Record<Protocol, readonly string[]>> = {
  grpc: ["auth/", "rest/"],
  connect: ["auth/", "rest/"],
  "grpc-web": ["auth/", "rest/"],
  rest: ["auth/", "wait/answers-before-the-deadline", "wait/malformed-timeout-is-refused"],
};

describe("the reference server", () => {
  let server: ReferenceServer;
  let report: ConformanceReport;

  beforeAll(async () => {
    server = await startReferenceServer("--port", "0", "--store", "memory", "--simulator");
    report = await checkConformance({ baseUrl: server.url });
  }, 300_000);

  afterAll(() => server.process[Symbol.asyncDispose]());

  it("answers over every protocol", () => {
    expect(report.protocols).toEqual(PROTOCOLS);
  });

  it.each(PROTOCOLS)("passes every check over %s", (protocol) => {
    const failed = report.results.filter((one) => one.protocol === protocol && one.outcome === "failed");
    expect(failed).toEqual([]);
  });

  it.each(PROTOCOLS)("is asked all that can be asked over %s", (protocol) => {
    const isLeftOut = (id: string) => NOT_ASKED[protocol].some((beginning) => id.startsWith(beginning));
    const skipped = report.results.filter(
      (one) => one.protocol === protocol && one.outcome === "not applicable",
    );
    expect(skipped.filter(({ id }) => !isLeftOut(id))).toEqual([]);
  });

  it("is asked with few calls", () => {
    expect(report.calls).toBeLessThan(PROTOCOLS.length * 400);
  });

  it("has none of the suite's operations left", async () => {
    expect((await server.operations.listOperations({ name: "operations" })).operations).toEqual([]);
  });
});
