import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runServerProcess, type ServerProcess, urlIn } from "./server-process.ts";

/** Asks a server for work that ends at once. */
function simulate(url: string, work: object = {}): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(work);
  return fetch(`${url}/v1/simulator:simulateWork`, { method: "POST", headers, body });
}

/** The metrics of a server, after work that it was asked for has ended. */
async function metricsAfterWork(server: ServerProcess): Promise<string> {
  const metrics = urlIn(await server.line(/metrics on/));
  const url = urlIn(await server.line(/listening on/));
  const { name } = await (await simulate(url)).json();
  await (await fetch(`${url}/v1/${name}:wait`, { method: "POST", body: "{}" })).text();
  return await (await fetch(metrics)).text();
}

describe("a server's process", () => {
  it("serves metrics of its calls and its work where it is told to", async () => {
    await using server = runServerProcess(["--metrics", "0"]);
    const text = await metricsAfterWork(server);
    expect(
      [
        /^rpc_server_call_duration_seconds_count\{.*SimulateWork".*\} 1$/m,
        /^longrunning_operation_duration_seconds_count\{.*state="succeeded".*\} 1$/m,
        /^longrunning_store_call_duration_seconds_count\{.*"insert".*\} 1$/m,
      ].map((line) => line.test(text)),
    ).toEqual([true, true, true]);
  });

  it("serves no metrics on the port of its calls", async () => {
    await using server = runServerProcess(["--metrics", "0"]);
    const url = urlIn(await server.line(/listening on/));
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it("measures nothing that a client has made up", async () => {
    await using server = runServerProcess(["--metrics", "0"]);
    const metrics = urlIn(await server.line(/metrics on/));
    const url = urlIn(await server.line(/listening on/));
    await simulate(url, { parent: "made/up", payload: "made up" });
    for (const path of ["/v1/operations/made-up", "/made.up.Service/MadeUp", "/v1/made-up?made=up"]) {
      await (await fetch(url + path, { headers: { "user-agent": "made-up" } })).text();
    }
    expect(await (await fetch(metrics)).text()).not.toMatch(/made.?up/i);
  });

  it("with others has a metrics address of its own", async () => {
    await using server = runServerProcess(["--metrics", "0", "--processes", "2"]);
    await server.line(/listening on/);
    const urls = server.lines.filter((line) => line.startsWith("metrics on")).map(urlIn);
    const statuses = await Promise.all(urls.map(async (url) => (await fetch(url)).status));
    expect([new Set(urls).size, statuses]).toEqual([2, [200, 200]]);
  });

  it("ends with 2 and one line where the metrics' port is taken", async () => {
    await using server = runServerProcess(["--metrics", "0"]);
    const { port } = new URL(urlIn(await server.line(/metrics on/)));
    await using other = runServerProcess(["--metrics", port]);
    const { code, err } = await other.ended;
    expect([code, err.split("\n").length, err.includes("--metrics")]).toEqual([2, 2, true]);
  });

  it.each([
    ["--metrics", ["0"], "@opentelemetry/sdk-metrics"],
    ["--telemetry", [], "@opentelemetry/api"],
    ["--log-format", ["json"], "pino"],
  ])("says which package %s needs where it is not installed", async (flag, value, name) => {
    const without = fileURLToPath(new URL("without-packages.js", import.meta.url));
    await using server = runServerProcess([flag, ...value], ["--import", without]);
    const { code, err } = await server.ended;
    expect([
      code,
      err.split("\n").length,
      err.includes(flag),
      err.includes(`npm install`),
      err.includes(name),
    ]).toEqual([...[2, 2], ...[true, true, true]]);
  });

  it("starts without these packages where no flag asks for them", async () => {
    const without = fileURLToPath(new URL("without-packages.js", import.meta.url));
    await using server = runServerProcess([], ["--import", without]);
    expect(await server.line(/listening on/)).toMatch(/^listening on http/);
  });

  it("tells the SDK that Node was started with of its calls and its work", async () => {
    const sdk = fileURLToPath(new URL("console-sdk.js", import.meta.url));
    await using server = runServerProcess(["--telemetry"], ["--import", sdk]);
    const url = urlIn(await server.line(/listening on/));
    await simulate(url);
    const work = JSON.parse(await server.line(/^\{"span":"longrunning.work"/));
    const call = JSON.parse(await server.line(/SimulateWork","/));
    expect(work.links).toEqual([call.id]);
  });

  it("logs lines of JSON where it is told to", async () => {
    await using server = runServerProcess(["--log-format", "json"]);
    const line = JSON.parse(await server.line(/listening on/));
    expect([line.level, line.pid, urlIn(line.msg)]).toEqual([
      "info",
      server.child.pid,
      expect.stringMatching(/^http:/),
    ]);
  });
});
