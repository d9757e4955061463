import { setTimeout as pass } from "node:timers/promises";
import { type Any, anyPack } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  BidiStreamRequestSchema,
  type ClientStreamRequest,
  ClientStreamRequestSchema,
  type ConformanceService,
  IdempotentUnaryRequestSchema,
  ServerStreamRequestSchema,
  type StreamResponseDefinition,
  UnaryRequestSchema,
  type UnaryResponseDefinition,
} from "./gen/connectrpc/conformance/v1/service_pb.ts";
import { type Answer, requestInfo, sendMetadata, toldError } from "./told.ts";

/** The service that the runner's clients call: answers as each request tells it to, and says what it was asked. */
export const conformanceService: Partial<ServiceImpl<typeof ConformanceService>> = {
  unary: (request, context) =>
    answer(request.responseDefinition, [anyPack(UnaryRequestSchema, request)], context),

  idempotentUnary: (request, context) =>
    answer(request.responseDefinition, [anyPack(IdempotentUnaryRequestSchema, request)], context),

  async clientStream(requests, context) {
    const received: ClientStreamRequest[] = [];
    for await (const request of requests) received.push(request);
    const packed = received.map((request) => anyPack(ClientStreamRequestSchema, request));
    return answer(received[0]?.responseDefinition, packed, context);
  },

  serverStream(request, context) {
    sendMetadata(context, request.responseDefinition);
    return remaining(request.responseDefinition, 0, [anyPack(ServerStreamRequestSchema, request)], context);
  },

  async *bidiStream(requests, context) {
    let told: StreamResponseDefinition | undefined;
    let isFullDuplex = false;
    let sent = 0;
    let isFirst = true;
    let unanswered: Any[] = [];
    for await (const request of requests) {
      if (isFirst) {
        // Only the first request of a stream tells how to answer.
        told = request.responseDefinition;
        isFullDuplex = request.fullDuplex;
        isFirst = false;
        sendMetadata(context, told);
      }
      unanswered.push(anyPack(BidiStreamRequestSchema, request));
      if (!isFullDuplex) continue;
      const data = told?.responseData[sent];
      if (data === undefined) break;
      await pass(told?.responseDelayMs);
      const info = sent === 0 ? requestInfo(context, unanswered) : { requests: unanswered };
      yield { payload: { data, requestInfo: info } };
      unanswered = [];
      sent++;
    }
    yield* remaining(told, sent, unanswered, context);
  },
};

async function answer(
  told: UnaryResponseDefinition | undefined,
  requests: Any[],
  context: HandlerContext,
): Promise<Answer> {
  const info = requestInfo(context, requests);
  sendMetadata(context, told);
  await pass(told?.responseDelayMs);
  if (told?.response.case === "error") throw toldError(told.response.value, info);
  const data = told?.response.case === "responseData" ? { data: told.response.value } : {};
  return { payload: { ...data, requestInfo: info } };
}

/** The messages of a stream from that one on, and how it ends. The first message of all tells of the requests. */
async function* remaining(
  told: StreamResponseDefinition | undefined,
  sent: number,
  requests: Any[],
  context: HandlerContext,
): AsyncGenerator<Answer> {
  if (told === undefined) return;
  for (const [i, data] of told.responseData.entries()) {
    if (i < sent) continue;
    await pass(told.responseDelayMs);
    yield { payload: i === 0 ? { data, requestInfo: requestInfo(context, requests) } : { data } };
  }
  if (told.error === undefined) return;
  throw toldError(told.error, told.responseData.length === 0 ? requestInfo(context, requests) : undefined);
}
