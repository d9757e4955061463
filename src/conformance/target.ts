import type { Transport } from "@connectrpc/connect";
import type { ConformanceOptions } from "./conformance-options.ts";
import { openTransport } from "./open-transport.ts";
import type { Protocol } from "./protocol.ts";
import { ReflectionClient } from "./reflection-client.ts";
import { ConformanceUsageError } from "./usage-error.ts";

const REFLECTION_TIMEOUT_MS = 5_000;

/** The ways to a server. Disposing of it closes the connections that were opened for it. */
export interface Target extends Disposable {
  /** What is checked, for people. */
  readonly shown: string;
  readonly transports: ReadonlyMap<Protocol, Transport>;
  /** The server's address; undefined where there is a transport alone, and so no REST. */
  readonly baseUrl: string | undefined;
  readonly reflection: ReflectionClient;
}

/** Opens every way to a server that its options tell of. Throws a ConformanceUsageError for options that do not fit. */
export async function openTarget({
  baseUrl,
  transport,
  protocol,
  headers = {},
}: ConformanceOptions): Promise<Target> {
  const timeoutMs = REFLECTION_TIMEOUT_MS;
  if (transport !== undefined) {
    if (baseUrl !== undefined) throw new ConformanceUsageError("baseUrl and transport are one too many");
    const [spoken = "connect", ...more] = [protocol ?? "connect"].flat();
    if (more.length > 0 || spoken === "rest")
      throw new ConformanceUsageError("a transport speaks one protocol, and not rest");
    const reflection = new ReflectionClient(transport, headers, timeoutMs);
    const transports = new Map([[spoken, transport]]);
    return { shown: `a transport of ${spoken}`, transports, baseUrl, reflection, [Symbol.dispose]() {} };
  }
  const url = baseUrl === undefined ? undefined : URL.parse(baseUrl);
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw new ConformanceUsageError(
      `"${baseUrl ?? ""}" is not the address of a server; http://127.0.0.1:8080 is one`,
    );
  }
  const root = url.href.replace(/\/+$/, "");
  const grpc = await openTransport("grpc", root);
  const connect = await openTransport("connect", root);
  const grpcWeb = await openTransport("grpc-web", root);
  return {
    shown: root,
    transports: new Map<Protocol, Transport>([
      ["grpc", grpc.transport],
      ["connect", connect.transport],
      ["grpc-web", grpcWeb.transport],
    ]),
    baseUrl: root,
    // Reflection is a stream in both directions, and that needs HTTP/2.
    reflection: new ReflectionClient(grpc.transport, headers, timeoutMs),
    [Symbol.dispose]() {
      for (const open of [grpc, connect, grpcWeb]) open[Symbol.dispose]();
    },
  };
}
