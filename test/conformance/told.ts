import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import { ConnectError, type HandlerContext } from "@connectrpc/connect";
import {
  ConformancePayload_RequestInfoSchema,
  type ConformancePayloadSchema,
  type Error as ToldError,
  type Header as ToldHeader,
} from "./gen/connectrpc/conformance/v1/service_pb.ts";

export type RequestInfo = MessageInitShape<typeof ConformancePayload_RequestInfoSchema>;
export type Answer = { readonly payload: MessageInitShape<typeof ConformancePayloadSchema> };

/** What the handler of a call sees of it: the runner compares that with what its client sent. */
export function requestInfo(context: HandlerContext, requests: Any[]): RequestInfo {
  const timeoutMs = context.timeoutMs();
  return {
    requestHeaders: pairs(context.requestHeader),
    ...(timeoutMs === undefined ? {} : { timeoutMs: BigInt(Math.trunc(timeoutMs)) }),
    requests,
    ...(context.requestMethod === "GET"
      ? { connectGetInfo: { queryParams: pairs(new URL(context.url).searchParams) } }
      : {}),
  };
}

/** Sends the headers and trailers that a call is told to send. */
export function sendMetadata(
  context: HandlerContext,
  told: { readonly responseHeaders: ToldHeader[]; readonly responseTrailers: ToldHeader[] } | undefined,
): void {
  for (const { name, value } of told?.responseHeaders ?? []) {
    for (const one of value) context.responseHeader.append(name, one);
  }
  for (const { name, value } of told?.responseTrailers ?? []) {
    for (const one of value) context.responseTrailer.append(name, one);
  }
}

/** The error that a call is told to end with. It tells of the request where no message has. */
export function toldError(told: ToldError, info?: RequestInfo): ConnectError {
  // The numbers of Connect's codes and of the runner's are those of gRPC.
  const error = new ConnectError(told.message ?? "", told.code as number);
  for (const { typeUrl, value } of told.details) {
    error.details.push({ type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1), value });
  }
  if (info !== undefined) error.details.push({ desc: ConformancePayload_RequestInfoSchema, value: info });
  return error;
}

function pairs(entries: Iterable<[string, string]>): { name: string; value: string[] }[] {
  return Array.from(entries, ([name, value]) => ({ name, value: [value] }));
}
