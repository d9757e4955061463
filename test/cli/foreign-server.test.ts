import { once } from "node:events";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import {
  type ListOperationsRequest,
  type OperationSchema,
  Operations,
} from "../../gen/google/longrunning/operations_pb.ts";
import { anyOf } from "../json/sample-anys.ts";
import { runCli } from "./run-cli.ts";
import type { StrangeServer } from "./strange-servers.ts";

const NAME = "projects/p/operations/1";
const RESPONSE = anyOf("type.googleapis.com/google.protobuf.Empty", []);

describe("a server that is not ours", () => {
  it("is polled where it has no WaitOperation", async () => {
    await using server = await openForeignServer({ getOperation: doneAfter(2) });
    const { code, out } = await runCli(["wait", NAME, "--interval", "50ms", "--server", server.url]);
    expect([code, out]).toEqual([0, '"@type": type.googleapis.com/google.protobuf.Empty\n']);
  });

  it("may end an operation with nothing, which is no success", async () => {
    await using server = await openForeignServer({ getOperation: () => ({ name: NAME, done: true }) });
    expect(await runCli(["wait", NAME, "--server", server.url])).toMatchObject({
      code: 5,
      err: expect.stringContaining(`operation "${NAME}" is done with neither a response nor an error`),
    });
  });

  it("may not be able to list all, which is said", async () => {
    const listOperations = () => ({ operations: [{ name: NAME }], unreachable: ["projects/far"] });
    await using server = await openForeignServer({ listOperations });
    expect((await runCli(["list", "--server", server.url])).err).toBe(
      "not all are listed: projects/far cannot be reached\n",
    );
  });

  it("may not let operations be cancelled", async () => {
    await using server = await openForeignServer({});
    expect(await runCli(["cancel", NAME, "--server", server.url])).toMatchObject({
      code: 5,
      err: expect.stringMatching(/; the server does not offer this\n$/),
    });
  });

  it("may have a page that leads to itself", async () => {
    const listOperations = () => ({ operations: [{ name: NAME }], nextPageToken: "again" });
    await using server = await openForeignServer({ listOperations });
    expect((await runCli(["list", "--server", server.url])).code).toBe(5);
  });

  it("has its names completed where it takes no filter", async () => {
    const listOperations = ({ filter }: ListOperationsRequest) => {
      if (filter !== "") throw new ConnectError("no filters here", Code.InvalidArgument);
      return { operations: [{ name: NAME }] };
    };
    await using server = await openForeignServer({ listOperations });
    expect((await runCli(["__complete", "--", "wait", "--server", server.url, "proj"])).out).toBe(
      `${NAME}\n`,
    );
  });

  it("says in one line what it refuses, over several of its own", async () => {
    const getOperation = () => {
      throw new ConnectError("no\nsuch\tthing", Code.PermissionDenied);
    };
    await using server = await openForeignServer({ getOperation });
    expect((await runCli(["get", NAME, "--server", server.url])).err).toBe(
      "PERMISSION_DENIED: no\\u000asuch\\u0009thing; longrunning config shows as whom the server is called\n",
    );
  });
});

function doneAfter(calls: number): () => MessageInitShape<typeof OperationSchema> {
  let count = 0;
  return () => {
    count += 1;
    if (count <= calls) return { name: NAME };
    return { name: NAME, done: true, result: { case: "response", value: RESPONSE } };
  };
}

/** A server of gRPC with these methods, and nothing else. */
async function openForeignServer(
  methods: Partial<ServiceImpl<typeof Operations>>,
): Promise<Pick<StrangeServer, "url" | typeof Symbol.asyncDispose>> {
  const routes = connectNodeAdapter({ routes: (router) => router.service(Operations, methods) });
  const server = createServer(routes);
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
