import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create, createRegistry } from "@bufbuild/protobuf";
import { createOperations, MemoryStore, type OperationsServer } from "longrunning";
import { Operations } from "longrunning/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { archiveService } from "../../examples/archive/archive-service.ts";
import { CompressFile, compressFile } from "../../examples/archive/compress-file.ts";
import { ArchiveService, file_archive_v1_archive } from "../../examples/archive/gen/archive/v1/archive_pb.ts";
import { HttpRuleSchema } from "../../gen/google/api/http_pb.ts";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { type OpenRestServer, openRestServer } from "./open-rest-server.ts";

/** What google.longrunning.Operations does not have an annotation for. */
const RULES = [
  create(HttpRuleSchema, {
    selector: `${Operations.typeName}.WaitOperation`,
    pattern: { case: "post", value: "/v1/{name=operations/**}:wait" },
    body: "*",
  }),
  create(HttpRuleSchema, {
    selector: `${Operations.typeName}.GetOperation`,
    pattern: { case: "get", value: "/v1/{name=projects/*/locations/*/operations/*}" },
  }),
  create(HttpRuleSchema, {
    selector: `${Operations.typeName}.ListOperations`,
    pattern: { case: "get", value: "/v1/{name=**}/operations" },
  }),
];

const POST = { method: "POST", headers: { "content-type": "application/json" } };

describe("the archive by REST", () => {
  let root: string;
  let operations: OperationsServer;
  let server: OpenRestServer;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), "longrunning-rest-"));
    await writeFile(join(root, "hello"), "hello");
    operations = createOperations({
      store: new MemoryStore(),
      methods: [[ArchiveService.method.compressFile, CompressFile]],
    });
    operations.manager.register(CompressFile, compressFile(root));
    server = await openRestServer({
      routes: operations.routes((router) =>
        router.service(ArchiveService, archiveService(operations.manager, root)),
      ),
      rules: RULES,
      json: { registry: createRegistry(file_archive_v1_archive) },
      responseHeaders: (method, response) =>
        method.output.typeName === "google.longrunning.Operation" && !(response as Operation).done
          ? { "retry-after": "1" }
          : undefined,
    });
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await operations.close();
    await rm(root, { recursive: true });
  });

  it("starts an operation and waits for its result", async () => {
    const started = await json(await compress("hello"));
    const done = await json(await fetch(`${server.url}/v1/${started["name"]}:wait`, { ...POST, body: "{}" }));
    expect(done).toMatchObject({
      name: started["name"],
      done: true,
      response: { "@type": "type.googleapis.com/archive.v1.CompressFileResponse", path: "hello.gz" },
    });
  });

  it("says when to ask again, where the operation is not done", async () => {
    const response = await compress("hello");
    expect(response.headers.get("retry-after")).toBe("1");
  });

  it("gets an operation, where the request has a bare question mark", async () => {
    const { name } = await json(await compress("hello"));
    expect(await json(await fetch(`${server.url}/v1/${name}?`))).toMatchObject({ name });
  });

  it("cancels an operation, where the request has no body", async () => {
    const { name } = await json(await compress("hello"));
    const response = await fetch(`${server.url}/v1/${name}:cancel`, { method: "POST" });
    expect([response.status, await response.text()]).toEqual([200, "{}"]);
  });

  it("lists operations, with a filter from the query", async () => {
    await json(await compress("hello"));
    const { operations: listed } = await json(
      await fetch(`${server.url}/v1/operations?page_size=1&pageToken=`),
    );
    expect(listed).toHaveLength(1);
  });

  it("answers an unknown operation as AIP-193 has it", async () => {
    const response = await fetch(`${server.url}/v1/operations/none`);
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        error: {
          code: 404,
          message: 'operation "operations/none" is not found',
          status: "NOT_FOUND",
          details: [
            {
              "@type": "type.googleapis.com/google.rpc.ErrorInfo",
              reason: "OPERATION_NOT_FOUND",
              domain: "longrunning",
              metadata: { name: "operations/none" },
            },
          ],
        },
      },
    ]);
  });

  it("takes the name of a parent's operation whole", async () => {
    const response = await fetch(`${server.url}/v1/projects/p/locations/l/operations/x`);
    expect((await json(response))["error"]).toMatchObject({
      message: 'operation "projects/p/locations/l/operations/x" is not found',
    });
  });

  function compress(path: string): Promise<Response> {
    return fetch(`${server.url}/v1/files:compress`, { ...POST, body: JSON.stringify({ path }) });
  }
});

async function json(response: Response): Promise<Record<string, unknown>> {
  const value: unknown = await response.json();
  if (typeof value !== "object" || value === null) throw new TypeError(`no object: ${JSON.stringify(value)}`);
  return { ...value };
}
