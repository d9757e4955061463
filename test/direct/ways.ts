import { create, type MessageInitShape, toBinary, toJsonString } from "@bufbuild/protobuf";
import { envelope } from "../server/calls.ts";
import type { Call, Header, Step } from "./call.ts";
import { ProbeRequestSchema } from "./gen/probe/v1/probe_pb.ts";
import { PROBE_TYPES } from "./probe-service.ts";

/** A protocol, an encoding and an HTTP by which a unary call can be made. */
export interface Way {
  readonly name: string;
  readonly http: "HTTP/1.1" | "HTTP/2";
  readonly protocol: "gRPC" | "gRPC-Web" | "Connect";
  readonly contentType: string;
  readonly isJson: boolean;
}

/** What is to be asked of the probe. */
export type Request = MessageInitShape<typeof ProbeRequestSchema>;

/** What is otherwise about a call. */
export interface Changes {
  readonly method?: string;
  readonly path?: string;
  readonly contentType?: string | undefined;
  /** Beside, or in the place of, those of the way. */
  readonly headers?: readonly Header[];
  /** What is sent behind the headers; the message in one piece, and the end, by default. */
  readonly steps?: readonly Step[];
}

export const CALL = "/probe.v1.ProbeService/Call";
export const LOOK = "/probe.v1.ProbeService/Look";

const PROTOCOLS = [
  ["gRPC", "application/grpc+proto", false],
  ["gRPC", "application/grpc+json", true],
  ["gRPC-Web", "application/grpc-web+proto", false],
  ["gRPC-Web", "application/grpc-web+json", true],
  ["Connect", "application/proto", false],
  ["Connect", "application/json", true],
] as const;

/** All that a client can choose from. */
export const WAYS: readonly Way[] = (["HTTP/2", "HTTP/1.1"] as const).flatMap((http) =>
  PROTOCOLS.map(([protocol, contentType, isJson]) => ({
    name: `${contentType} over ${http}`,
    ...{ http, protocol, contentType, isJson },
  })),
);

/** Each protocol, encoding and HTTP once. */
export const FEW_WAYS: readonly Way[] = WAYS.filter(({ name }) =>
  [
    "application/grpc+proto over HTTP/2",
    "application/grpc-web+json over HTTP/1.1",
    "application/proto over HTTP/2",
    "application/json over HTTP/1.1",
  ].includes(name),
);

/** One of either HTTP: for when there is no time for more. */
export const TWO_WAYS: readonly Way[] = FEW_WAYS.filter(({ name }) =>
  ["application/grpc+proto over HTTP/2", "application/json over HTTP/1.1"].includes(name),
);

/** A call of the probe, whole and well. */
export function callBy(way: Way, request: Request = {}, changes: Changes = {}): Call {
  const contentType = "contentType" in changes ? changes.contentType : way.contentType;
  const te: readonly Header[] = way.protocol === "gRPC" ? [["te", "trailers"]] : [];
  const type: readonly Header[] = contentType === undefined ? [] : [["content-type", contentType]];
  return {
    http: way.http,
    method: changes.method ?? "POST",
    path: changes.path ?? CALL,
    headers: [...type, ...te, ...(changes.headers ?? [])],
    steps: changes.steps ?? [bodyBy(way, request), "end"],
  };
}

/** A message as a way has it, without the frame of gRPC. */
export function messageBy({ isJson }: Pick<Way, "isJson">, request: Request): Uint8Array {
  const message = create(ProbeRequestSchema, request);
  return isJson
    ? Buffer.from(toJsonString(ProbeRequestSchema, message, { registry: PROBE_TYPES }))
    : toBinary(ProbeRequestSchema, message);
}

/** The body of a call, as a way has it. */
export function bodyBy(way: Way, request: Request): Uint8Array {
  return framed(way, messageBy(way, request));
}

/** A message in the frame of its protocol; in none, where that has none. */
export function framed({ protocol }: Way, message: Uint8Array, flags = 0, length?: number): Uint8Array {
  return protocol === "Connect" ? message : envelope(message, flags, length);
}

/** The names of a protocol's headers. */
export function headersOf({ protocol }: Way) {
  return protocol === "Connect"
    ? { timeout: "connect-timeout-ms", encoding: "content-encoding", accept: "accept-encoding" }
    : { timeout: "grpc-timeout", encoding: "grpc-encoding", accept: "grpc-accept-encoding" };
}
