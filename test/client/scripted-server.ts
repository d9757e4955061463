import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { anyPack, Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import {
  type Client,
  type Code,
  ConnectError,
  createClient,
  createRouterTransport,
  type HandlerContext,
  type ServiceImpl,
} from "@connectrpc/connect";
import { OperationSchema, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { defineOperationType } from "../../src/client/index.ts";

export const NAME = "operations/1";

/** Operations that answer a text, and count while they run. */
export const Counting = defineOperationType({ response: StringValueSchema, metadata: Int32ValueSchema });

/** A client of a server that does what the test says, and of which nothing else is offered. */
export function clientOf(service: Partial<ServiceImpl<typeof Operations>>): Client<typeof Operations> {
  return createClient(
    Operations,
    createRouterTransport((router) => router.service(Operations, service)),
  );
}

/** A method that answers by the script: its first call by the first step, and so on; the last step repeats. */
export function scripted<Request, Answer>(
  ...steps: Step<Request, Answer>[]
): Step<Request, Answer> & { readonly calls: readonly Request[] } {
  const calls: Request[] = [];
  const method: Step<Request, Answer> = async (request, context) => {
    const step = steps[Math.min(calls.length, steps.length - 1)];
    calls.push(request);
    if (step === undefined) throw new RangeError("a script needs a step");
    return await step(request, context);
  };
  return Object.assign(method, { calls });
}

type Step<Request, Answer> = (request: Request, context: HandlerContext) => Answer | Promise<Answer>;

type OperationInit = MessageInitShape<typeof OperationSchema>;

/** Never answers, as a connection that lost its other end. */
export function neverAnswer(): Promise<OperationInit> {
  return new Promise(() => {});
}

export function refuse(code: Code): () => never {
  return () => {
    throw new ConnectError("scripted", code);
  };
}

export function running(count?: number): OperationInit {
  return create(
    OperationSchema,
    count === undefined ? { name: NAME } : { name: NAME, metadata: counted(count) },
  );
}

export function succeeded(value: string, count?: number): OperationInit {
  const response = anyPack(StringValueSchema, create(StringValueSchema, { value }));
  return { ...running(count), done: true, result: { case: "response", value: response } };
}

export function failed(code: Code, message = "scripted"): OperationInit {
  const hint = anyPack(StringValueSchema, create(StringValueSchema, { value: "a detail" }));
  const status = create(StatusSchema, { code, message, details: [hint] });
  return { ...running(), done: true, result: { case: "error", value: status } };
}

function counted(count: number) {
  return anyPack(Int32ValueSchema, create(Int32ValueSchema, { value: count }));
}

/** What a promise rejects with. Throws where it does not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const { reason, status } = (await Promise.allSettled([promise]))[0] as PromiseRejectedResult;
  if (status !== "rejected") throw new TypeError("a rejection is needed, and the promise resolved");
  return reason;
}
