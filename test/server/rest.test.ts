import { create, type JsonObject } from "@bufbuild/protobuf";
import { AnySchema, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { HttpRuleSchema } from "../../gen/google/api/http_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { packed } from "../../src/operation/encoded-message.ts";
import { newStoredOperation, nextMessage } from "../../src/operation/stored-operation.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { operationHeaders } from "../../src/server/operation-rules.ts";
import { serve } from "../../src/server/serve.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { openServer, RUNNING } from "./open-server.ts";

const CHILD = "projects/p/locations/l/operations/child";

/** A server that keeps an operation at the top, one below a resource, and one with metadata that nobody knows. */
async function openRest() {
  const store = new MemoryStore();
  const metadata = create(AnySchema, {
    typeUrl: "type.googleapis.com/far.away.Thing",
    value: new Uint8Array([255, 0, 127]),
  });
  for (const stored of [
    newStoredOperation({ name: RUNNING, parent: "", createTimeMs: 0 }),
    newStoredOperation({ name: "operations/foreign", parent: "", createTimeMs: 1, metadata }),
    newStoredOperation({ name: CHILD, parent: "projects/p/locations/l", createTimeMs: 0 }),
  ]) {
    await store.insert(stored);
  }
  const operations = createOperations({ store });
  const server = await serve({ operations, port: 0, graceMs: 0 });
  return {
    store,
    url: server.url,
    /** What a call answers, with its HTTP status. */
    async call(path: string, init?: RequestInit): Promise<[status: number, json: JsonObject]> {
      const response = await fetch(`${server.url}${path}`, init);
      return [response.status, (await response.json()) as JsonObject];
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await operations.close();
    },
  };
}

describe("operations by REST", () => {
  it.each([
    ["by their own names", `/v1/${RUNNING}`],
    ["with a question mark and nothing behind it, as google-gax sends it", `/v1/${RUNNING}?`],
    ["with the name in one segment, as google-gax sends it", "/v1/operations/operations%2Frunning?"],
    ["with parameters of Google's own", `/v1/${RUNNING}?$alt=json%3Benum-encoding=int&$prettyPrint=0`],
  ])("are got %s", async (_, path) => {
    await using rest = await openRest();
    expect(await rest.call(path)).toEqual([200, { name: RUNNING }]);
  });

  it("are got below a resource", async () => {
    await using rest = await openRest();
    expect(await rest.call(`/v1/${CHILD}`)).toEqual([200, { name: CHILD }]);
  });

  it("are listed", async () => {
    await using rest = await openRest();
    const [status, { operations, nextPageToken }] = await rest.call("/v1/operations?pageSize=1");
    expect([status, operations, typeof nextPageToken]).toEqual([
      200,
      [
        {
          name: "operations/foreign",
          metadata: { "@type": "type.googleapis.com/far.away.Thing", value: "/wB/" },
        },
      ],
      "string",
    ]);
  });

  it("are listed below a resource", async () => {
    await using rest = await openRest();
    expect(await rest.call("/v1/projects/p/locations/l/operations")).toEqual([
      200,
      { operations: [{ name: CHILD }] },
    ]);
  });

  it("are waited for", async () => {
    await using rest = await openRest();
    const waiting = rest.call(`/v1/${RUNNING}:wait`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"timeout": "60s"}',
    });
    await expect.poll(() => rest.store.changes.isAwaited(RUNNING)).toBe(true);
    const stored = await rest.store.get(RUNNING);
    if (stored === undefined) throw new Error("it is not kept");
    const value = create(AnySchema, { typeUrl: "type.googleapis.com/google.protobuf.Empty" });
    const message = nextMessage(stored.message, { result: { case: "response", value } });
    await rest.store.replace({ ...stored, revision: 2, message });
    expect(await waiting).toMatchObject([200, { name: RUNNING, done: true }]);
  });

  it("are cancelled with an empty body, as google-api-core sends it", async () => {
    await using rest = await openRest();
    const answer = await rest.call(`/v1/${CHILD}:cancel`, { method: "POST" });
    expect([answer, (await rest.store.get(CHILD))?.cancelRequested]).toEqual([[200, {}], true]);
  });

  it("are deleted", async () => {
    await using rest = await openRest();
    const answer = await rest.call(`/v1/${RUNNING}`, { method: "DELETE" });
    expect([answer, await rest.store.get(RUNNING)]).toEqual([[200, {}], undefined]);
  });

  it("that run suggest when to ask again", async () => {
    await using rest = await openRest();
    expect((await fetch(`${rest.url}/v1/${RUNNING}`)).headers.get("retry-after")).toBe("1");
  });
});

describe("what is suggested of when to ask again", () => {
  it.each([
    [0, "1"],
    [50_000, "5"],
    [3_600_000, "30"],
    [-3_600_000, "1"],
  ])("of an operation that has run for %i ms is %s s", (ageMs, seconds) => {
    const metadata = packed(OperationMetadataSchema, { createTime: timestampFromMs(0) });
    const { message } = newStoredOperation({ name: RUNNING, parent: "", createTimeMs: 0, metadata });
    expect(operationHeaders(message, ageMs)).toEqual({ "retry-after": seconds });
  });
});

describe("an error by REST", () => {
  it("is AIP-193's, with the same ErrorInfo as elsewhere", async () => {
    await using rest = await openRest();
    const info = {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      ...{ reason: "OPERATION_NOT_FOUND", domain: "longrunning", metadata: { name: "operations/none" } },
    };
    expect(await rest.call("/v1/operations/none")).toEqual([
      404,
      {
        error: {
          ...{ code: 404, status: "NOT_FOUND", message: 'operation "operations/none" is not found' },
          details: [info],
        },
      },
    ]);
  });

  it("is AIP-193's too where the path is nobody's", async () => {
    await using rest = await openRest();
    const [status, { error }] = await rest.call("/v2/nothing");
    expect([status, error]).toMatchObject([404, { code: 404, status: "NOT_FOUND" }]);
  });

  it("names the method that a path has instead", async () => {
    await using rest = await openRest();
    const response = await fetch(`${rest.url}/v1/${RUNNING}`, { method: "PATCH" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "DELETE, GET, HEAD"]);
  });
});

describe("what is served by REST", () => {
  it("is told by /openapi.json", async () => {
    await using rest = await openRest();
    const [status, { openapi, paths }] = await rest.call("/openapi.json");
    expect([status, openapi, Object.keys(paths as JsonObject).includes("/v1/operations")]).toEqual([
      200,
      "3.1.0",
      true,
    ]);
  });

  it("is the later one of a method that is mounted twice", async () => {
    const { simulateWork } = SimulatorService.method;
    const routes = (router: ConnectRouter) => router.rpc(simulateWork, () => ({ name: "operations/later" }));
    await using open = await openServer({ routes });
    const response = await fetch(`${open.url}/v1/simulator:simulateWork`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(await response.json()).toEqual({ name: "operations/later" });
  });

  it("is nothing where that is switched off", async () => {
    await using open = await openServer({ rest: false });
    const statuses = await Promise.all(
      [`/v1/${RUNNING}`, "/openapi.json"].map(async (path) => (await fetch(`${open.url}${path}`)).status),
    );
    expect(statuses).toEqual([404, 404]);
  });

  it("is nothing where Connect's protocol, by which it calls methods, is switched off", async () => {
    await using open = await openServer({ connect: { connect: false } });
    expect((await fetch(`${open.url}/v1/${RUNNING}`)).status).toBe(404);
  });

  it("is what rules say that come as data", async () => {
    const rule = create(HttpRuleSchema, {
      selector: `${SimulatorService.typeName}.SimulateWork`,
      pattern: { case: "post", value: "/v1/works:simulate" },
      body: "*",
    });
    await using open = await openServer({ rest: { rules: [rule] } });
    const response = await fetch(`${open.url}/v1/works:simulate`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"duration": "0s", "payload": "x"}',
    });
    expect(await response.json()).toMatchObject({ done: true, response: { payload: "x" } });
  });

  it("may be called by pages with DELETE, where pages may call", async () => {
    await using open = await openServer({ cors: { allowedOrigins: ["*"] } });
    const response = await fetch(`${open.url}/v1/${RUNNING}`, {
      method: "OPTIONS",
      headers: { origin: "https://page.example", "access-control-request-method": "DELETE" },
    });
    expect(response.headers.get("access-control-allow-methods")?.split(", ")).toContain("DELETE");
  });
});
