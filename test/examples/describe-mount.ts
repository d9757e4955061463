import { Agent } from "node:http";
import { createClient, type Transport } from "@connectrpc/connect";
import { createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { createOperationsClient, OperationCancelledError, OperationHandle } from "longrunning/client";
import { SimulateWork, SimulatorService } from "longrunning/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SourceProcess } from "./source-process.ts";

/** A protocol that an example is called by. */
export interface MountProtocol {
  readonly name: string;
  transportTo(baseUrl: string): Transport;
}

/** A connection for each call: one that is kept open keeps a server of Node's from closing for some seconds. */
const nodeOptions = { agent: new Agent() };

export const connectOverHttp1: MountProtocol = {
  name: "Connect over HTTP/1.1",
  transportTo: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
};
export const connectOverHttp2: MountProtocol = {
  name: "Connect over HTTP/2",
  transportTo: (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2" }),
};
export const grpc: MountProtocol = {
  name: "gRPC",
  transportTo: (baseUrl) => createGrpcTransport({ baseUrl }),
};

/** An example that mounts operations of the simulator in a server. */
export interface Mount {
  run(): SourceProcess;
  readonly protocols: readonly MountProtocol[];
  /** What the paths of its RPCs begin with; nothing by default. */
  readonly prefix?: string;
}

/** What the example does, by each protocol, by fetch alone where it serves HTTP/1.1, and when it is told to stop. */
export function describeMount({ run, protocols, prefix = "" }: Mount): void {
  let server: SourceProcess;
  let url: string;

  beforeAll(async () => {
    server = run();
    url = (await urlOf(server)) + prefix;
  });
  afterAll(() => server[Symbol.asyncDispose]());

  describe.each(protocols)("by $name", ({ transportTo }) => {
    it("starts an operation and waits for it", async () => {
      const handle = await start(transportTo(url), { duration: { nanos: 50_000_000 }, payload: "hello" });
      expect((await handle.result()).payload).toBe("hello");
    });

    it("tells of the steps", async () => {
      const handle = await start(transportTo(url), { duration: { nanos: 300_000_000 }, steps: 3 });
      const steps: number[] = [];
      for await (const { stepsDone } of handle.progress()) steps.push(stepsDone);
      expect(steps.at(-1)).toBe(3);
    });

    it("cancels", async () => {
      const handle = await start(transportTo(url), { duration: { seconds: 600n } });
      await handle.cancel();
      await expect(handle.result()).rejects.toBeInstanceOf(OperationCancelledError);
    });
  });

  if (protocols.includes(connectOverHttp1)) describeByFetch(() => url);

  it("ends each watch when it is told to stop, and then itself", async () => {
    const [{ transportTo } = connectOverHttp1] = protocols;
    const transport = transportTo(url);
    const { name } = await start(transport, { duration: { seconds: 600n } });
    const told: (string | undefined)[] = [];
    for await (const { event } of createOperationsClient(transport).watchOperations({ names: [name] })) {
      if (event.case === "snapshotComplete") server.process.kill("SIGTERM");
      told.push(event.case);
    }
    await server.exit();
    expect(told.at(-1)).toBe("end");
  });
}

function describeByFetch(urlOfMount: () => string): void {
  describe("by fetch", () => {
    const call = async (method: string, body: object) => {
      const headers = { "content-type": "application/json", connection: "close" };
      const answer = await fetch(`${urlOfMount()}/${method}`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return { status: answer.status, ...(await answer.json()) };
    };

    it("starts, waits for and cancels an operation in JSON", async () => {
      const { name } = await call("longrunning.testing.v1.SimulatorService/SimulateWork", {
        duration: "600s",
      });
      const waited = await call("google.longrunning.Operations/WaitOperation", { name, timeout: "0.05s" });
      await call("google.longrunning.Operations/CancelOperation", { name });
      const ended = await call("google.longrunning.Operations/WaitOperation", { name });
      expect([waited.done ?? false, ended.done, ended.error.code]).toEqual([false, true, 1]);
    });

    it("takes a message of 2 MB, whatever the framework's own limit of bodies", async () => {
      const payload = "x".repeat(2_000_000);
      const { status } = await call("longrunning.testing.v1.SimulatorService/SimulateWork", { payload });
      expect(status).toBe(200);
    });

    it("serves no REST", async () => {
      expect(
        (await fetch(`${urlOfMount()}/v1/operations`, { headers: { connection: "close" } })).status,
      ).toBe(404);
    });
  });
}

/** Where an example listens, as it prints its address. */
async function urlOf(server: SourceProcess): Promise<string> {
  const line = await server.line(/port: \d+|http:\S+:\d+/);
  const [url] = /http:\S+/.exec(line) ?? [];
  if (url !== undefined) return url;
  const port = /port: (\d+)/.exec(line)?.[1];
  const host = server.lines.some((printed) => printed.includes("'::1'")) ? "[::1]" : "127.0.0.1";
  return `http://${host}:${port}`;
}

async function start(
  transport: Transport,
  work: Parameters<ReturnType<typeof createClient<typeof SimulatorService>>["simulateWork"]>[0],
) {
  const started = await createClient(SimulatorService, transport).simulateWork(work);
  return new OperationHandle(createOperationsClient(transport), SimulateWork, started);
}
