import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";
import { Code } from "@connectrpc/connect";
import type { Attributes } from "@opentelemetry/api";

/** The codes that are the server's fault, and not its caller's: those alone are errors of a server's span. */
const FAULTS_OF_SERVER: ReadonlySet<Code> = new Set([
  Code.Unknown,
  Code.DeadlineExceeded,
  Code.Unimplemented,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
]);

/** By which protocol a call comes, as `rpc.system.name` has it. REST's calls, and JSON's, are Connect's. */
export type RpcSystem = "grpc" | "connectrpc";

/** What the conventions say of a call, before its answer. */
export function attributesOf(request: UnaryRequest | StreamRequest): Attributes & { "rpc.method": string } {
  return { "rpc.system.name": systemOf(request.header), "rpc.method": methodOf(request) };
}

/** What they say of its answer; undefined: it succeeded. */
export function attributesOfAnswer(
  system: unknown,
  code: Code | undefined,
  side: "client" | "server",
): Attributes {
  if (code === undefined) return system === "grpc" ? { "rpc.response.status_code": "OK" } : {};
  const status = system === "grpc" ? nameInGrpc(code) : nameInConnect(code);
  return {
    "rpc.response.status_code": status,
    ...(isError(code, side) && { "error.type": status }),
  };
}

/** Whether a code makes an error of the span of that side. */
export function isError(code: Code, side: "client" | "server"): boolean {
  return side === "client" || FAULTS_OF_SERVER.has(code);
}

/** Where a call goes to. */
export function addressOf({ url }: Pick<UnaryRequest, "url">): Attributes {
  if (!URL.canParse(url)) return {};
  const { hostname, port, protocol } = new URL(url);
  return {
    "server.address": hostname,
    "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port),
  };
}

function systemOf(header: Headers): RpcSystem {
  return header.get("content-type")?.startsWith("application/grpc") ? "grpc" : "connectrpc";
}

function methodOf({ service, method }: UnaryRequest | StreamRequest): string {
  return `${service.typeName}/${method.name}`;
}

/** NOT_FOUND. Connect writes "canceled" as the language does, and gRPC "CANCELLED". */
function nameInGrpc(code: Code): string {
  return code === Code.Canceled ? "CANCELLED" : nameInConnect(code).toUpperCase();
}

/** not_found */
function nameInConnect(code: Code): string {
  return Code[code].replace(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase();
}
