import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import type { StoredOperation } from "../../src/operation/stored-operation.ts";
import {
  complete,
  type OperationResult,
  reportProgress,
  requestCancel,
  type Transition,
} from "../../src/operation/transition.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { update } from "../../src/store/update.ts";
import { anyOf, NOON_MS } from "../../src/testing/store-contract/sample-operations.ts";
import type { SequentialModel } from "./linearizability.ts";

/** When each operation of these histories may be forgotten, once it is done. */
export const EXPIRE_TIME_MS = NOON_MS + 1_000;

/** What a client does through a transition. */
type Change =
  | { readonly call: "succeed" | "fail" | "report"; readonly tag: number }
  | { readonly call: "requestCancel" };

/** What a client does to the one operation of a history. The tag tells one completion, or report, from another. */
export type Command =
  | Change
  | { readonly call: "delete" | "get" }
  | { readonly call: "deleteExpired"; readonly nowMs: number };

/** What can be seen of the operation; null where there is none. */
export type Sight = null | {
  readonly revision: number;
  readonly cancelRequested: boolean;
  readonly progress: number;
  readonly outcome: string | null;
};

/** What a call answers: what the operation is then, whether or how many it deleted, or that it came too late. */
export type Answer = Sight | boolean | number | "done already";

/** Carries out a command. */
export async function perform(store: OperationStore, name: string, command: Command): Promise<Answer> {
  switch (command.call) {
    case "get":
      return sightOf(await store.get(name));
    case "delete":
      return store.delete(name);
    case "deleteExpired":
      return store.deleteExpired(command.nowMs, 10);
    default:
      return update(store, name, transitionOf(command)).then(sightOf, doneAlready);
  }
}

/** One operation as it would be if all calls came one after another. */
export const operationModel: SequentialModel<Sight, Command, Answer> = {
  initial: { revision: 1, cancelRequested: false, progress: 0, outcome: null },
  step(state, command) {
    const becomes = (change: Partial<NonNullable<Sight>>) => {
      if (state === null) return { state, answer: state };
      const next = { ...state, ...change, revision: state.revision + 1 };
      return { state: next, answer: next };
    };
    const isDone = state !== null && state.outcome !== null;
    switch (command.call) {
      case "get":
        return { state, answer: state };
      case "delete":
        return { state: null, answer: state !== null };
      case "deleteExpired":
        return isDone && command.nowMs >= EXPIRE_TIME_MS ? { state: null, answer: 1 } : { state, answer: 0 };
      case "requestCancel":
        return isDone || state?.cancelRequested
          ? { state, answer: state }
          : becomes({ cancelRequested: true });
      case "report":
        return isDone ? { state, answer: "done already" } : becomes({ progress: command.tag });
      case "succeed":
      case "fail":
        return isDone
          ? { state, answer: "done already" }
          : becomes({ outcome: `${command.call} ${command.tag}` });
    }
  },
};

function transitionOf(command: Change): Transition {
  if (command.call === "requestCancel") return requestCancel;
  const tag = anyOf("a/b.Tag", [command.tag]);
  if (command.call === "report") return reportProgress(tag);
  const result: OperationResult =
    command.call === "succeed"
      ? { case: "response", value: tag }
      : { case: "error", value: create(StatusSchema, { code: Code.Canceled, details: [tag] }) };
  return complete({ result, endTimeMs: NOON_MS, retentionMs: EXPIRE_TIME_MS - NOON_MS });
}

function doneAlready(error: unknown): "done already" {
  if (error instanceof ConnectError && error.code === Code.FailedPrecondition) return "done already";
  throw error;
}

function sightOf(stored: StoredOperation | undefined): Sight {
  if (stored === undefined) return null;
  const { metadata, result } = stored.message;
  return {
    revision: stored.revision,
    cancelRequested: stored.cancelRequested,
    progress: metadata?.value[0] ?? 0,
    outcome: outcomeOf(result),
  };
}

function outcomeOf(result: StoredOperation["message"]["result"]): string | null {
  if (result.case === undefined) return null;
  if (result.case === "response") return `succeed ${result.value.value[0]}`;
  return `fail ${result.value.details[0]?.value[0]}`;
}
