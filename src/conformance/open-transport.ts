import type { Transport } from "@connectrpc/connect";
import type { Protocol } from "./protocol.ts";

/** A transport whose connections end with it. */
export interface OpenTransport extends Disposable {
  readonly transport: Transport;
}

/** Opens a transport of connect-node: gRPC over HTTP/2, Connect and gRPC-Web over HTTP/1.1. */
export async function openTransport(
  protocol: Exclude<Protocol, "rest">,
  baseUrl: string,
): Promise<OpenTransport> {
  // Loaded when it is needed: a test that uses this package's other doubles need not have it.
  const { createConnectTransport, createGrpcTransport, createGrpcWebTransport } = await import(
    "@connectrpc/connect-node"
  );
  if (protocol === "grpc") {
    const { SettlingSessionManager } = await import("./settling-session-manager.ts");
    const sessionManager = new SettlingSessionManager(baseUrl);
    const transport = createGrpcTransport({ baseUrl, sessionManager });
    return { transport, [Symbol.dispose]: () => void sessionManager.close() };
  }
  const { Agent } = await import(baseUrl.startsWith("https:") ? "node:https" : "node:http");
  const agent = new Agent({ keepAlive: true });
  const options = { baseUrl, httpVersion: "1.1", useBinaryFormat: true, nodeOptions: { agent } } as const;
  const transport =
    protocol === "connect" ? createConnectTransport(options) : createGrpcWebTransport(options);
  return { transport, [Symbol.dispose]: () => agent.destroy() };
}
