import { once } from "node:events";
import { connect } from "node:net";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { principalOf } from "../../src/access/access-gate.ts";
import type { AccessOptions } from "../../src/access/access-options.ts";
import type { Authenticate } from "../../src/access/authenticate.ts";
import { byParent, ownerOnly } from "../../src/access/policies.ts";
import { createOperations } from "../../src/server/create-operations.ts";
import { serve } from "../../src/server/serve.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { type OpenService, openService } from "../service/open-service.ts";
import { grpc, protocols } from "../service/protocols.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";

const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** Knows callers by what they say of themselves: `x-caller: NAME SCOPE…`. */
const byWord: Authenticate = ({ header }) => {
  const [id, ...scopes] = header.get("x-caller")?.split(" ") ?? [];
  return id === undefined ? undefined : { id, scopes };
};

const ALICE = { "x-caller": `alice ${CLOUD_PLATFORM}` };

function openGated(access: Partial<AccessOptions> = {}, protocol = grpc): Promise<OpenService> {
  return openService(protocol, { access: { authenticate: byWord, ...access } });
}

describe("the gate", () => {
  it("refuses a call whose body has not come yet", async () => {
    await using service = await openGated();
    const socket = connect(service.server.port, "127.0.0.1");
    socket.write(
      [
        "POST /google.longrunning.Operations/GetOperation HTTP/1.1",
        "Host: 127.0.0.1",
        "Content-Type: application/json",
        "Content-Length: 1000000",
        "\r\n",
      ].join("\r\n"),
    );
    const [chunk] = await once(socket, "data");
    expect(String(chunk)).toMatch(/^HTTP\/1\.1 401 /);
    socket.destroy();
  });

  it.each<[what: string, nobody: Authenticate]>([
    ["at once", () => undefined],
    ["later", async () => undefined],
  ])(
    "asks one after another who the caller is, where the first says %s that they do not know",
    async (_, nobody) => {
      await using service = await openGated({ authenticate: [nobody, byWord] });
      expect((await service.simulator.simulateWork({}, { headers: ALICE })).name).toMatch(/^operations\//);
    },
  );

  it.each<[what: string, refuse: () => unknown]>([
    ["at once", () => null],
    ["later", async () => null],
  ])("lets nobody in whom somebody, %s, says to be null, as JavaScript may", async (_, refuse) => {
    await using service = await openGated({ authenticate: [refuse as Authenticate, byWord] });
    const error = await refusalOf(service.simulator.simulateWork({}, { headers: ALICE }));
    expect(error.code).toBe(Code.Internal);
  });

  it.each([
    ["is empty", ""],
    ["has a NUL", "a\0b"],
    ["is longer than 1,000 bytes", "é".repeat(501)],
    ["has half a character", "\ud800"],
  ])("refuses a caller whose id %s", async (_, id) => {
    await using service = await openGated({ authenticate: () => ({ id }) });
    const error = await refusalOf(service.simulator.simulateWork({}));
    expect([error.code, errorInfosOf(error)[0]?.reason]).toEqual([Code.Unauthenticated, "CALLER_UNNAMED"]);
  });

  it("answers an error of the authentication's own as an internal one, and tells nothing of it", async () => {
    await using service = await openGated({
      authenticate: () => {
        throw new Error("the password is swordfish");
      },
    });
    const error = await refusalOf(service.client.getOperation({ name: "operations/x" }));
    expect([error.code, error.rawMessage]).toEqual([Code.Internal, "internal error"]);
  });

  it("tells handlers who calls", async () => {
    let caller: string | undefined;
    await using service = await openService(grpc, {
      access: { authenticate: byWord },
      serve: {
        connect: {
          interceptors: [
            (next) => (request) => {
              caller = principalOf({ values: request.contextValues })?.id;
              return next(request);
            },
          ],
        },
      },
    });
    await service.simulator.simulateWork({}, { headers: ALICE });
    expect(caller).toBe("alice");
  });
});

describe.each(protocols)("scopes over $name", (protocol) => {
  it.each<[what: string, caller: string, rpc: "getOperation" | "cancelOperation", code: Code | undefined]>([
    ["reads with the scope to read", `alice ${CLOUD_PLATFORM}.read-only`, "getOperation", undefined],
    ["reads with the scope for all", `alice ${CLOUD_PLATFORM}`, "getOperation", undefined],
    ["changes with the scope for all", `alice ${CLOUD_PLATFORM}`, "cancelOperation", undefined],
    [
      "does not change with the scope to read",
      `alice ${CLOUD_PLATFORM}.read-only`,
      "cancelOperation",
      Code.PermissionDenied,
    ],
    ["does not read with another scope", "alice email", "getOperation", Code.PermissionDenied],
    ["does not read without a scope", "alice", "getOperation", Code.PermissionDenied],
  ])("a caller %s", async (_, caller, rpc, code) => {
    await using service = await openGated({}, protocol);
    const { name } = await service.simulator.simulateWork(
      { duration: { seconds: 600n } },
      { headers: ALICE },
    );
    const outcome = await service.client[rpc]({ name }, { headers: { "x-caller": caller } }).then(
      () => undefined,
      (error: unknown) => ConnectError.from(error),
    );
    expect([outcome?.code, outcome && errorInfosOf(outcome)[0]?.reason]).toEqual([
      code,
      code && "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    ]);
  });
});

describe("scopes", () => {
  it("may be others for single RPCs", async () => {
    const byRpc = { "google.longrunning.Operations/ListOperations": ["list"] };
    await using service = await openGated({ scopes: { byRpc } });
    const headers = { "x-caller": "alice list" };
    expect((await service.client.listOperations({}, { headers })).operations).toEqual([]);
  });

  it("may be none", async () => {
    await using service = await openGated({ scopes: false });
    const headers = { "x-caller": "alice" };
    expect((await service.client.listOperations({}, { headers })).operations).toEqual([]);
  });
});

describe("a caller by the parent", () => {
  const readers = byParent(
    ({ id }, parent) => parent.startsWith(`projects/${id}`),
    () => false,
  );

  async function outcomeOf(name: string, rpc: "getOperation" | "deleteOperation"): Promise<Code | undefined> {
    await using service = await openGated({ authorize: readers, scopes: false });
    const headers = { "x-caller": "bob" };
    await service.simulator.simulateWork({ parent: "projects/alice" }, { headers });
    return await service.client[rpc]({ name }, { headers }).then(
      () => undefined,
      (error: unknown) => ConnectError.from(error).code,
    );
  }

  it.each([
    ["operations that are not there of a parent they may read are NOT_FOUND", "projects/bob", Code.NotFound],
    ["those of one they may not are PERMISSION_DENIED", "projects/alice", Code.PermissionDenied],
  ])("%s", async (_, parent, code) => {
    expect(await outcomeOf(`${parent}/operations/x`, "getOperation")).toBe(code);
  });

  it("may not change what they may only read", async () => {
    expect(await outcomeOf("projects/bob/operations/x", "deleteOperation")).toBe(Code.PermissionDenied);
  });

  it("sees the operations of a parent they may read, whoever started them", async () => {
    await using service = await openGated({ authorize: readers, scopes: false });
    const { name } = await service.simulator.simulateWork(
      { parent: "projects/bob" },
      { headers: { "x-caller": "alice" } },
    );
    const { operations } = await service.client.listOperations(
      { name: "projects/bob" },
      { headers: { "x-caller": "bob" } },
    );
    expect(operations.map((operation) => operation.name)).toEqual([name]);
  });

  it("does not list a parent they may not read", async () => {
    await using service = await openGated({ authorize: readers, scopes: false });
    const headers = { "x-caller": "bob" };
    const error = await refusalOf(service.client.listOperations({ name: "projects/alice" }, { headers }));
    expect([error.code, error.rawMessage]).toEqual([
      Code.PermissionDenied,
      'permission denied on "projects/alice" (or it might not exist)',
    ]);
  });
});

describe("health and reflection", () => {
  it("are for everybody by default", async () => {
    await using service = await openGated();
    expect(await askedBy(service)).toEqual([undefined, undefined, 200]);
  });

  it("are closed to callers who are not let in where that is said", async () => {
    await using service = await openGated({ closed: ["health", "reflection"] });
    expect(await askedBy(service)).toEqual([Code.Unauthenticated, Code.Unauthenticated, 404]);
  });
});

describe("a server that other machines could reach", () => {
  it("is not begun where nobody is asked who they are", async () => {
    await using operations = createOperations({ store: new MemoryStore() });
    await expect(serve({ operations, host: "0.0.0.0", port: 0 })).rejects.toThrow(
      '"0.0.0.0" lets other machines do everything with all operations',
    );
  });

  it.each([
    ["callers are asked", { authenticate: byWord, authorize: ownerOnly() }, false],
    ["that is wanted", undefined, true],
  ])("is begun where %s", async (_, access, insecure) => {
    await using operations = createOperations({ store: new MemoryStore(), access });
    await using server = await serve({ operations, host: "0.0.0.0", port: 0, insecure, graceMs: 0 });
    expect(server.port).toBeGreaterThan(0);
  });
});

/** What comes of a health check, of a question for services, and of one for the OpenAPI document, of nobody known. */
async function askedBy({ connection, server }: OpenService) {
  const code = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      (error: unknown) => ConnectError.from(error).code,
    );
  const reflection = createClient(ServerReflection, connection.transport);
  const listing = { messageRequest: { case: "listServices", value: "" } } as const;
  const first = async () => {
    for await (const answer of reflection.serverReflectionInfo(single(listing))) return answer;
    return undefined;
  };
  return [
    await code(createClient(Health, connection.transport).check({})),
    await code(first()),
    (await fetch(`${server.url}/openapi.json`)).status,
  ];
}

async function* single<Value>(value: Value): AsyncIterable<Value> {
  yield value;
}
