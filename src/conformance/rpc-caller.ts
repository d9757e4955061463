import { create, fromBinary } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import {
  Code,
  ConnectError,
  type CallOptions as ConnectOptions,
  createClient,
  type Transport,
} from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { Clock } from "../time/clock.ts";
import type { Answer, Detail, Refusal } from "./answer.ts";
import type { CallOptions, OperationsCaller } from "./operations-caller.ts";
import type { Protocol } from "./protocol.ts";
import { seenInMessage } from "./seen-operation.ts";

/** What every call of a run has in common. */
export interface CallSettings {
  readonly clock: Clock;
  /** The headers that the user gave. */
  readonly headers: Readonly<Record<string, string>>;
  /** The longest that an answer is waited for, in milliseconds. */
  readonly patienceMs: number;
  /** The collection that is listed. */
  readonly parent: () => string;
  /** Hears of every answer. */
  note(answer: Answer<unknown>, isProbe: boolean): void;
}

/** Calls over a transport of Connect. */
export function rpcCaller(
  transport: Transport,
  protocol: Protocol,
  settings: CallSettings,
): OperationsCaller {
  const client = createClient(Operations, transport);
  const call = <Value>(ask: (options: ConnectOptions) => Promise<Value>, options?: CallOptions) =>
    answerOf(ask, settings, options);
  return {
    protocol,
    get: (name, options) =>
      call(async (with_) => seenInMessage(await client.getOperation({ name }, with_)), options),
    wait: (name, timeout, options) =>
      call(async (with_) => {
        const request = { name, ...(timeout && { timeout: create(DurationSchema, timeout) }) };
        return seenInMessage(await client.waitOperation(request, with_));
      }, options),
    cancel: (name, options) =>
      call(async (with_) => void (await client.cancelOperation({ name }, with_)), options),
    delete: (name, options) =>
      call(async (with_) => void (await client.deleteOperation({ name }, with_)), options),
    list: (request, options) =>
      call(async (with_) => {
        const { pageSize = 0, pageToken = "", filter = "", returnPartialSuccess = false } = request;
        const name = settings.parent();
        const page = await client.listOperations(
          { name, pageSize, pageToken, filter, returnPartialSuccess },
          with_,
        );
        return { operations: page.operations.map(seenInMessage), nextPageToken: page.nextPageToken };
      }, options),
  };
}

/** Makes one call, and answers what came of it. */
export async function answerOf<Value>(
  ask: (options: ConnectOptions) => Promise<Value>,
  { clock, headers, patienceMs, note }: CallSettings,
  { deadlineMs, signal, anonymous = false, isProbe = false }: CallOptions = {},
): Promise<Answer<Value>> {
  const startedMs = clock.monotonicMs();
  const patience = AbortSignal.timeout(patienceMs);
  const ended = signal === undefined ? patience : AbortSignal.any([patience, signal]);
  const answer = await ask({
    signal: ended,
    ...(deadlineMs !== undefined && { timeoutMs: deadlineMs }),
    ...(!anonymous && { headers }),
  }).then(
    (value): Answer<Value> => ({ ok: true, value, tookMs: clock.monotonicMs() - startedMs }),
    (error: unknown): Answer<Value> => {
      const tookMs = clock.monotonicMs() - startedMs;
      return { ok: false, refusal: ended.aborted ? gaveUp(patienceMs) : refusalOf(error), tookMs };
    },
  );
  note(answer, isProbe);
  return answer;
}

/** Nobody answered in time. */
export function gaveUp(patienceMs: number): Refusal {
  const message = `no answer within ${patienceMs} ms`;
  return { code: Code.DeadlineExceeded, message, details: [], byUs: true };
}

/** The refusal that an error tells of. */
export function refusalOf(thrown: unknown): Refusal {
  const error = ConnectError.from(thrown);
  const details = error.details.map(detailOf);
  return { code: error.code, message: error.rawMessage, details, byUs: false };
}

function detailOf(detail: ConnectError["details"][number]): Detail {
  if ("desc" in detail) return { typeName: detail.desc.typeName };
  const { type: typeName, value } = detail;
  try {
    if (typeName === ErrorInfoSchema.typeName)
      return { typeName, errorInfo: fromBinary(ErrorInfoSchema, value) };
    if (typeName === BadRequestSchema.typeName)
      return { typeName, badRequest: fromBinary(BadRequestSchema, value) };
  } catch {
    // Bytes that are no such message: the detail is there, and nothing can be read of it.
  }
  return { typeName };
}
