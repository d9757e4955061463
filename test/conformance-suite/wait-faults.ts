import { create } from "@bufbuild/protobuf";
import { DurationSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { WaitOperationRequest } from "../../gen/google/longrunning/operations_pb.ts";
import { systemClock } from "../../src/time/clock.ts";
import { sleep } from "../../src/time/sleep.ts";
import { notNow, seenOtherwise, shownOtherwise } from "./change-operations.ts";
import type { Fault } from "./faulty-server.ts";

/** Longer than any answer may be late. */
const LATE_MS = 2_500;

const late = () => sleep(systemClock, LATE_MS);
const isZero = ({ timeout }: WaitOperationRequest) => timeout?.seconds === 0n && timeout.nanos === 0;
const seconds = ({ timeout }: WaitOperationRequest) => timeout?.seconds ?? -1n;
const noTime = () => create(DurationSchema);

/** Servers that are wrong about WaitOperation, CancelOperation or DeleteOperation, by what is wrong about them. */
export const waitFaults: Readonly<Record<string, readonly [fault: Fault, ...found: string[]]>> = {
  "Wait of an unknown name is INTERNAL": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          await right.get(request.name, context).catch(() => {
            throw new ConnectError("nothing there", Code.Internal);
          });
          return right.wait(request, context);
        },
      }),
    },
    "wait/unknown-name-is-not-found",
  ],
  "Wait for a done operation takes its time": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          const { done } = await right.get(request.name, context);
          if (done && seconds(request) > 1n) await late();
          return right.wait(request, context);
        },
      }),
    },
    "wait/done-answers-at-once",
  ],
  "Wait leaves out the metadata": [
    seenOtherwise("wait", (operation) => {
      if (operation.done) delete operation.metadata;
    }),
    "wait/answers-as-get-does",
  ],
  "Wait takes a timeout of zero for a long one": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          if (isZero(request)) await late();
          return right.wait(request, context);
        },
      }),
    },
    "wait/zero-timeout-answers-at-once",
  ],
  "Wait fails when its timeout is over": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          const operation = await right.wait(request, context);
          if (operation.done || seconds(request) < 1n || context.timeoutMs() !== undefined) return operation;
          throw new ConnectError("the timeout is over", Code.DeadlineExceeded);
        },
      }),
    },
    "wait/running-out-of-time-is-no-error",
  ],
  "Wait answers late": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          const operation = await right.wait(request, context);
          if (seconds(request) === 1n && !operation.done) await late();
          return operation;
        },
      }),
    },
    "wait/keeps-to-its-timeout",
  ],
  "Wait does not look at nanos": [
    {
      rpcs: (right) => ({
        wait: (request, context) => {
          const { timeout, ...others } = request;
          const counts =
            timeout === undefined ||
            timeout.seconds !== 0n ||
            timeout.nanos <= 0 ||
            timeout.nanos > 999_999_999;
          return right.wait(counts ? request : others, context);
        },
      }),
    },
    "wait/counts-nanos",
  ],
  "Wait answers at once": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          // What is wrong with a timeout is refused all the same.
          if (seconds(request) < 0n || (request.timeout?.nanos ?? 0) !== 0)
            return right.wait(request, context);
          return right.wait({ ...request, timeout: noTime() }, context);
        },
      }),
    },
    "wait/does-wait",
  ],
  "Wait does not look at the deadline": [
    {
      rpcs: (right) => ({
        wait: (request, context) => right.wait(request, { ...context, timeoutMs: () => undefined }),
      }),
    },
    "wait/answers-before-the-deadline",
  ],
  "Wait without a timeout polls seldom": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          if (request.timeout !== undefined) return right.wait(request, context);
          while (!(await right.get(request.name, context)).done) await late();
          return right.get(request.name, context);
        },
      }),
    },
    "wait/hears-of-the-end",
  ],
  "only the first of those who wait is woken": [
    {
      rpcs: (right) => {
        const waited = new Set<string>();
        return {
          wait: async (request, context) => {
            const { done } = await right.get(request.name, context);
            const isFirst = done || seconds(request) < 2n || !waited.has(request.name);
            if (seconds(request) >= 2n) waited.add(request.name);
            const operation = await right.wait(request, context);
            if (!isFirst && operation.done) await late();
            return operation;
          },
        };
      },
    },
    "wait/wakes-everyone",
  ],
  "a caller that stops waiting cancels the operation": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          let isAnswered = false;
          context.signal.addEventListener("abort", () => {
            if (!isAnswered) void right.cancel(request.name, context).catch(() => {});
          });
          try {
            return await right.wait(request, context);
          } finally {
            isAnswered = !context.signal.aborted;
          }
        },
      }),
    },
    "wait/giving-up-changes-nothing",
  ],
  "Wait takes a negative timeout for none": [
    {
      rpcs: (right) => ({
        wait: (request, context) =>
          right.wait(request.timeout?.seconds === -1n ? { ...request, timeout: noTime() } : request, context),
      }),
    },
    "wait/negative-timeout-is-refused",
  ],
  "Wait takes a malformed timeout": [
    {
      rpcs: (right) => ({
        wait: (request, context) =>
          right.wait(request.timeout?.nanos === -1 ? { ...request, timeout: noTime() } : request, context),
      }),
    },
    "wait/malformed-timeout-is-refused",
  ],
  "Cancel forgives an unknown name": [
    { rpcs: (right) => ({ cancel: (name, context) => right.cancel(name, context).catch(() => {}) }) },
    "cancel/unknown-name-is-not-found",
  ],
  "Cancel is refused while the operation runs": [
    {
      rpcs: (right) => ({
        cancel: async (name, context) => {
          if (!(await right.get(name, context)).done) throw notNow();
        },
      }),
    },
    "cancel/is-accepted",
  ],
  "what was cancelled ends as ABORTED": [
    shownOtherwise((operation) => {
      if (operation.result.case === "error" && operation.result.value.code === Code.Canceled) {
        operation.result.value.code = Code.Aborted;
      }
    }),
    "cancel/ends-as-cancelled",
  ],
  "a second Cancel is refused": [
    {
      rpcs: (right) => {
        const cancelled = new Set<string>();
        return {
          cancel: async (name, context) => {
            if (cancelled.has(name)) throw notNow();
            await right.cancel(name, context);
            cancelled.add(name);
          },
        };
      },
    },
    "cancel/again-is-no-error",
  ],
  "Cancel of a done operation is refused": [
    {
      rpcs: (right) => {
        const cancelled = new Set<string>();
        return {
          cancel: async (name, context) => {
            if ((await right.get(name, context)).done && !cancelled.has(name)) throw notNow();
            await right.cancel(name, context);
            cancelled.add(name);
          },
        };
      },
    },
    "cancel/of-a-done-one-is-no-error",
  ],
  "Cancel changes a done operation": [
    {
      rpcs: (right) => {
        const spoilt = new Set<string>();
        return {
          cancel: async (name, context) => {
            if ((await right.get(name, context)).result.case === "response") spoilt.add(name);
            await right.cancel(name, context);
          },
          get: async (name, context) => {
            const operation = await right.get(name, context);
            if (!spoilt.has(name)) return operation;
            const { metadata: _, ...others } = operation;
            return others;
          },
        };
      },
    },
    "cancel/leaves-a-done-one-alone",
  ],
  "those who wait do not hear of a cancel": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          const operation = await right.wait(request, context);
          const isCancelled =
            operation.result.case === "error" && operation.result.value.code === Code.Canceled;
          if (isCancelled) await late();
          return operation;
        },
      }),
    },
    "cancel/wakes-those-who-wait",
  ],
  "Delete forgives an unknown name": [
    { rpcs: (right) => ({ delete: (name, context) => right.delete(name, context).catch(() => {}) }) },
    "delete/unknown-name-is-not-found",
  ],
  "Get still has what was deleted": [
    {
      rpcs: (right) => {
        const kept = new Map<string, Awaited<ReturnType<typeof right.get>>>();
        return {
          delete: async (name, context) => {
            const operation = await right.get(name, context);
            await right.delete(name, context);
            kept.set(name, operation);
          },
          get: async (name, context) => kept.get(name) ?? right.get(name, context),
        };
      },
    },
    "delete/forgets",
  ],
  "the list still has what was deleted": [
    {
      rpcs: (right) => {
        const kept: Awaited<ReturnType<typeof right.get>>[] = [];
        return {
          delete: async (name, context) => {
            const operation = await right.get(name, context);
            await right.delete(name, context);
            kept.push(operation);
          },
          list: async (request, context) => {
            const page = await right.list(request, context);
            return request.pageSize < 100 || request.filter !== ""
              ? page
              : { ...page, operations: [...page.operations, ...kept] };
          },
        };
      },
    },
    "delete/leaves-the-list",
  ],
  "those who wait do not hear of a delete": [
    {
      rpcs: (right) => ({
        wait: async (request, context) => {
          await right.get(request.name, context);
          return right.wait(request, context).catch(async (error: unknown) => {
            if (seconds(request) > 1n) await late();
            throw error;
          });
        },
      }),
    },
    "delete/releases-those-who-wait",
  ],
};
