import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { create } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport } from "@connectrpc/connect-node";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationCancelledError, OperationHandle, Operations } from "../../src/client/index.ts";
import { createOperations, MemoryStore, type OperationsServer } from "../../src/index.ts";
import { Counting, rejection } from "./scripted-server.ts";

let operations: OperationsServer;
let listener: Server;
let client: Client<typeof Operations>;

beforeEach(async () => {
  operations = createOperations({ store: new MemoryStore() });
  listener = createServer(connectNodeAdapter({ routes: operations.routes() }));
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}`;
  client = createClient(Operations, createConnectTransport({ baseUrl, httpVersion: "1.1" }));
});

afterEach(async () => {
  await operations.close();
  listener.close();
  listener.closeAllConnections();
});

describe("a handle and this package's own server", () => {
  it("has the result of work that ends while it waits", async () => {
    const end = Promise.withResolvers<void>();
    const operation = await operations.manager.start(Counting, async () => {
      await end.promise;
      return { value: "yes" };
    });
    const result = new OperationHandle(client, Counting, operation).result();
    end.resolve();
    expect((await result).value).toBe("yes");
  });

  it("resumes by name alone", async () => {
    const { name } = await operations.manager.start(Counting, () => ({ value: "yes" }));
    expect((await new OperationHandle(client, Counting, name).result()).value).toBe("yes");
  });

  it("cancels the work, and hears when it has stopped", async () => {
    const operation = await operations.manager.start(Counting, async ({ signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    });
    const handle = new OperationHandle(client, Counting, operation);
    await handle.cancel();
    expect(await rejection(handle.result())).toBeInstanceOf(OperationCancelledError);
  });

  it("has the details that the work failed with", async () => {
    const operation = await operations.manager.start(Counting, () => {
      const hint = {
        desc: Counting.response,
        value: create(Counting.response, { value: "free some space" }),
      };
      throw new ConnectError("the disk is full", Code.ResourceExhausted, undefined, [hint]);
    });
    const error = await rejection(new OperationHandle(client, Counting, operation).result());
    expect(ConnectError.from(error).findDetails(Counting.response)[0]?.value).toBe("free some space");
  });

  it("sees the last progress before the end", async () => {
    const operation = await operations.manager.start(Counting, ({ progress }) => {
      for (let step = 1; step <= 3; step += 1) progress({ value: step });
      return { value: "yes" };
    });
    let last = 0;
    for await (const { value } of new OperationHandle(client, Counting, operation.name).progress())
      last = value;
    expect(last).toBe(3);
  });

  it("is told NOT_FOUND when the operation is deleted while it waits", async () => {
    const operation = await operations.manager.start(Counting, async ({ signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    });
    const handle = new OperationHandle(client, Counting, operation);
    const waiting = rejection(handle.wait());
    await handle.delete();
    expect(await waiting).toMatchObject({ code: Code.NotFound });
  });
});
