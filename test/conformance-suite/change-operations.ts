import { clone } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { Fault, Rpcs } from "./faulty-server.ts";

type Change = (operation: Operation) => void;

function changed(operation: Operation, change: Change): Operation {
  const copy = clone(OperationSchema, operation);
  change(copy);
  return copy;
}

/** Shows operations otherwise than they are: the same by Get, Wait and List. */
export function shownOtherwise(change: Change): Fault {
  return {
    rpcs: (right) => ({
      get: async (...args) => changed(await right.get(...args), change),
      wait: async (...args) => changed(await right.wait(...args), change),
      list: async (...args) => {
        const page = await right.list(...args);
        return { ...page, operations: page.operations.map((one) => changed(one, change)) };
      },
    }),
  };
}

/** Shows operations otherwise by Get alone. `looks` counts how often a done one has been shown. */
export function gotOtherwise(change: (operation: Operation, looks: number) => void): Fault {
  const looks = new Map<string, number>();
  return {
    rpcs: (right) => ({
      get: async (name, context) => {
        const operation = await right.get(name, context);
        const count = (looks.get(name) ?? 0) + (operation.done ? 1 : 0);
        looks.set(name, count);
        return changed(operation, (one) => change(one, count));
      },
    }),
  };
}

/** Shows operations otherwise by Wait alone, or by List alone. */
export function seenOtherwise(by: "wait" | "list", change: Change): Fault {
  if (by === "wait")
    return { rpcs: (right) => ({ wait: async (...args) => changed(await right.wait(...args), change) }) };
  return {
    rpcs: (right) => ({
      list: async (...args) => {
        const page = await right.list(...args);
        return { ...page, operations: page.operations.map((one) => changed(one, change)) };
      },
    }),
  };
}

/** Refuses otherwise: every error of every RPC is another one. */
export function refusedOtherwise(other: (error: ConnectError) => ConnectError): Fault {
  const caught =
    <Args extends readonly unknown[], Value>(call: (...args: Args) => Promise<Value>) =>
    (...args: Args) =>
      call(...args).catch((error: unknown): never => {
        throw other(ConnectError.from(error));
      });
  return {
    rpcs: ({ get, wait, cancel, delete: remove, list }: Rpcs) => ({
      get: caught(get),
      wait: caught(wait),
      cancel: caught(cancel),
      delete: caught(remove),
      list: caught(list),
    }),
  };
}

/** The error with other details: those that are kept, and those that are more. */
export function withDetails(
  error: ConnectError,
  keep: (typeName: string) => boolean,
  more: ConnectError["details"] = [],
): ConnectError {
  const other = new ConnectError(error.rawMessage, error.code);
  const kept = error.details.filter((detail) => keep("desc" in detail ? detail.desc.typeName : detail.type));
  other.details = [...kept, ...more];
  return other;
}

/** An ErrorInfo that is right but for what is given. */
export function errorInfo(fields: { reason?: string; domain?: string; metadata?: Record<string, string> }) {
  return {
    desc: ErrorInfoSchema,
    value: { reason: "SOME_REASON", domain: "faulty.example.com", metadata: {}, ...fields },
  };
}

/** A refusal of a request, with all that AIP-193 asks for. */
export function invalid(field: string): ConnectError {
  return new ConnectError(`${field} is not taken`, Code.InvalidArgument, undefined, [
    errorInfo({ reason: "NOT_TAKEN" }),
    { desc: BadRequestSchema, value: { fieldViolations: [{ field, description: "is not taken" }] } },
  ]);
}

/** A refusal because of the state of the operation, with all that AIP-193 asks for. */
export function notNow(): ConnectError {
  return new ConnectError("not now", Code.FailedPrecondition, undefined, [errorInfo({ reason: "NOT_NOW" })]);
}
