import { describe, expect, it } from "vitest";
import { OperationMetrics } from "../../src/telemetry/operation-metrics.ts";
import { openMetricsEndpoint } from "../../src/telemetry/prometheus/metrics-endpoint.ts";
import { rpcDuration } from "../../src/telemetry/rpc-duration.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";

/** An endpoint that has measured one sweep. */
async function openMeasured() {
  const endpoint = await openMetricsEndpoint({ port: 0 });
  createTelemetry({ meterProvider: endpoint.meterProvider }).observer.swept?.(7);
  return endpoint;
}

describe("the metrics endpoint", () => {
  it("serves metrics in the text that Prometheus reads", async () => {
    await using endpoint = await openMeasured();
    const response = await fetch(endpoint.url);
    expect([response.headers.get("content-type"), await response.text()]).toEqual([
      expect.stringMatching(/^text\/plain/),
      expect.stringContaining("\nlongrunning_sweep_backlog 7\n"),
    ]);
  });

  it("has the unit in the name of all that is measured in seconds", async () => {
    await using endpoint = await openMetricsEndpoint({ port: 0 });
    const all = new OperationMetrics(endpoint.meterProvider.getMeter("test"));
    const histograms = [all.duration, all.firstProgress, all.wakeDelay, all.storeCalls];
    for (const side of ["client", "server"] as const) {
      histograms.push(rpcDuration(endpoint.meterProvider.getMeter("test"), side));
    }
    for (const histogram of histograms) histogram.record(1);
    const text = await (await fetch(endpoint.url)).text();
    const names = Array.from(text.matchAll(/^# TYPE (\S+) histogram$/gm), ([, name]) => name);
    expect([names.length, names.filter((name) => !name?.endsWith("_seconds"))]).toEqual([6, []]);
  });

  it.each([
    ["another path", "GET", "/", 404],
    ["what is no path", "GET", "//metrics", 404],
    ["another method", "POST", "/metrics", 405],
    ["a query", "GET", "/metrics?name=x", 200],
  ])("answers %s (%s %s) with %d", async (_, method, path, status) => {
    await using endpoint = await openMeasured();
    const response = await fetch(new URL(endpoint.url).origin + path, { method });
    expect(response.status).toBe(status);
  });

  it("listens for this machine alone unless it is told otherwise", async () => {
    await using endpoint = await openMeasured();
    const { port } = new URL(endpoint.url);
    await expect(fetch(`http://127.0.0.2:${port}/metrics`)).rejects.toThrow("fetch failed");
  });

  it("refuses a port that is taken", async () => {
    await using endpoint = await openMeasured();
    await expect(openMetricsEndpoint({ port: Number(new URL(endpoint.url).port) })).rejects.toThrow(
      "EADDRINUSE",
    );
  });

  it("serves no longer once it is closed", async () => {
    const endpoint = await openMeasured();
    await endpoint.close();
    await expect(fetch(endpoint.url)).rejects.toThrow("fetch failed");
  });
});
