import type { Socket } from "node:net";
import type { Transport } from "@connectrpc/connect";
import { createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { createConnectTransport as createWebTransport } from "@connectrpc/connect-web";
import { describe, expect, it } from "vitest";
import { OperationHandle, Operations } from "../../src/client/index.ts";
import { createOperations, MemoryStore, serve } from "../../src/index.ts";
import { until } from "../until.ts";
import { HurriedClock } from "./hurried-clock.ts";
import { listenBefore } from "./listen-before.ts";
import { Counting } from "./scripted-server.ts";

const transports: Record<string, (baseUrl: string) => Transport> = {
  gRPC: (baseUrl) => createGrpcTransport({ baseUrl }),
  "gRPC-Web": (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/1.1": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
  "Connect over HTTP/2": (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
  "connect-web": (baseUrl) => createWebTransport({ baseUrl, useBinaryFormat: true }),
};

const cuts: Record<string, (socket: Socket) => unknown> = {
  closed: (socket) => socket.destroy(),
  reset: (socket) => socket.resetAndDestroy(),
};

describe.each(Object.entries(transports))("a wait over %s", (_, transportTo) => {
  it.each(Object.entries(cuts))("goes on when its connection is %s", async (_, cut) => {
    await using operations = createOperations({ store: new MemoryStore() });
    await using server = await serve({ operations, port: 0 });
    await using proxy = await listenBefore(server.port);
    const { operation } = await operations.manager.newOperation(Counting);
    const client = createClient(Operations, transportTo(proxy.url));
    const handle = new OperationHandle(client, Counting, operation, { clock: new HurriedClock() });
    const result = handle.result();
    await until(() => operations.service.waiting === 1);
    proxy.cutAll(cut);
    await operations.manager.setResult(Counting, operation.name, { value: "yes" });
    expect((await result).value).toBe("yes");
  });
});
