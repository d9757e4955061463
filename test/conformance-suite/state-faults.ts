import { create } from "@bufbuild/protobuf";
import { AnySchema, anyPack, EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import {
  errorInfo,
  gotOtherwise,
  refusedOtherwise,
  shownOtherwise,
  withDetails,
} from "./change-operations.ts";
import type { Fault } from "./faulty-server.ts";

const ERROR_INFO = "google.rpc.ErrorInfo";
const BAD_REQUEST = "google.rpc.BadRequest";

/** So often a done operation is looked at by the one check that looks again and again. */
const MANY_LOOKS = 6;

/** An ErrorInfo in the place of the right one. */
const infoOtherwise = (info: Parameters<typeof errorInfo>[0]): Fault =>
  refusedOtherwise((error) => withDetails(error, (name) => name !== ERROR_INFO, [errorInfo(info)]));

/** Servers that are wrong about the state of operations, about starts or about errors, by what is wrong about them. */
export const stateFaults: Readonly<Record<string, readonly [fault: Fault, ...found: string[]]>> = {
  "an operation that was done runs again": [
    gotOtherwise((operation, looks) => {
      if (looks !== MANY_LOOKS) return;
      operation.done = false;
      operation.result = { case: undefined };
    }),
    "state/done-stays-done",
  ],
  "what an operation ended with changes": [
    gotOtherwise((operation, looks) => {
      if (operation.result.case === "response" && looks === MANY_LOOKS)
        operation.result.value.value = Uint8Array.of(10, 1, 65);
    }),
    "state/done-never-changes",
  ],
  "an operation is done without a result": [
    shownOtherwise((operation) => {
      if (operation.result.case === "response") operation.result = { case: undefined };
    }),
    "state/done-has-one-result",
  ],
  "an operation that runs has a response": [
    gotOtherwise((operation) => {
      if (!operation.done)
        operation.result = { case: "response", value: anyPack(EmptySchema, create(EmptySchema)) };
    }),
    "state/running-has-no-result",
  ],
  "a response has no type": [
    shownOtherwise((operation) => {
      if (operation.result.case === "response") operation.result.value = create(AnySchema);
    }),
    "state/success-is-a-response",
  ],
  "work that fails ends with a response": [
    shownOtherwise((operation) => {
      if (operation.result.case !== "error" || operation.result.value.code === Code.Canceled) return;
      operation.result = { case: "response", value: anyPack(EmptySchema, create(EmptySchema)) };
    }),
    "state/failure-is-an-error",
  ],
  "an operation fails with a code that is none": [
    shownOtherwise((operation) => {
      if (operation.result.case !== "error" || operation.result.value.code === Code.Canceled) return;
      operation.result.value = create(StatusSchema, { code: 99 });
    }),
    "state/error-code-is-canonical",
  ],
  "metadata goes when the work is done": [
    shownOtherwise((operation) => {
      if (operation.done) delete operation.metadata;
    }),
    "state/metadata-stays",
  ],
  "a response is of another type than the declared one": [
    shownOtherwise((operation) => {
      if (operation.result.case === "response")
        operation.result.value = anyPack(EmptySchema, create(EmptySchema));
    }),
    "state/types-are-as-declared",
  ],
  "Get answers with another operation": [
    gotOtherwise((operation) => {
      if (!operation.done) operation.name = "operations/another";
    }),
    "state/can-be-got",
  ],
  "Get of an unknown name is INTERNAL": [
    {
      rpcs: (right) => {
        const deleted = new Set<string>();
        return {
          delete: async (name, context) => {
            await right.delete(name, context);
            deleted.add(name);
          },
          get: (name, context) =>
            right.get(name, context).catch((error: unknown) => {
              throw deleted.has(name) ? error : new ConnectError("nothing there", Code.Internal);
            }),
        };
      },
    },
    "state/unknown-name-is-not-found",
  ],
  "an operation is started without a name": [
    {
      simulator: (right) => ({
        simulateWork: async (request, context) => {
          const operation = await right.simulateWork(request, context);
          return request.error === undefined ? operation : { ...operation, name: "" };
        },
      }),
    },
    "start/answers-with-an-operation",
  ],
  "two starts make one operation": [
    {
      simulator: (right) => {
        const started: Awaited<ReturnType<typeof right.simulateWork>>[] = [];
        return {
          simulateWork: async (request, context) => {
            if (request.payload === "") return right.simulateWork(request, context);
            // The first is that of start/answers-with-an-operation.
            const again = started.length === 2 ? started[1] : undefined;
            const operation = again ?? (await right.simulateWork(request, context));
            started.push(operation);
            return operation;
          },
        };
      },
    },
    "start/names-are-unique",
  ],
  "work that cannot start is an operation that fails": [
    {
      simulator: (right) => ({
        simulateWork: (request, context) =>
          right.simulateWork({ ...request, steps: Math.max(0, request.steps) }, context),
      }),
    },
    "start/refused-at-once",
  ],
  "a request_id is ignored": [
    {
      simulator: (right) => ({
        simulateWork: (request, context) => right.simulateWork({ ...request, requestId: "" }, context),
      }),
    },
    "start/request-id-starts-once",
  ],
  "errors have no ErrorInfo": [
    refusedOtherwise((error) => withDetails(error, (name) => name !== ERROR_INFO)),
    "error/has-one-error-info",
  ],
  "errors have an ErrorInfo twice": [
    refusedOtherwise((error) => withDetails(error, () => true, [errorInfo({})])),
    "error/each-detail-once",
  ],
  "a reason is in lower case": [infoOtherwise({ reason: "notFound" }), "error/reason-is-upper-snake-case"],
  "a reason has no domain": [infoOtherwise({ domain: "" }), "error/has-a-domain"],
  "a metadata key begins with a capital": [
    infoOtherwise({ metadata: { Name: "x" } }),
    "error/metadata-keys-are-short",
  ],
  "errors say nothing": [
    refusedOtherwise((error) => {
      const other = new ConnectError("", error.code);
      other.details = error.details;
      return other;
    }),
    "error/has-a-message",
  ],
  "INVALID_ARGUMENT does not say what": [
    refusedOtherwise((error) => withDetails(error, (name) => name !== BAD_REQUEST)),
    "error/names-the-wrong-field",
  ],
};
