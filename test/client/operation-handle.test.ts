import { create } from "@bufbuild/protobuf";
import { anyPack, EmptySchema, Int32ValueSchema, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import {
  defineOperationType,
  OperationCancelledError,
  OperationFailedError,
  OperationHandle,
  OperationWithoutResultError,
  WrongTypeError,
} from "../../src/client/index.ts";
import { HurriedClock } from "./hurried-clock.ts";
import {
  Counting,
  clientOf,
  failed,
  NAME,
  neverAnswer,
  refuse,
  rejection,
  running,
  scripted,
  succeeded,
} from "./scripted-server.ts";

const nobody = clientOf({});

/** A handle of an operation that ended like this. */
function ended(operation: ReturnType<typeof failed>) {
  return new OperationHandle(nobody, Counting, create(OperationSchema, operation));
}

function handleOf(service: Parameters<typeof clientOf>[0], operation: string | typeof start = NAME) {
  const settings = { clock: new HurriedClock(), random: () => 1 };
  return new OperationHandle(clientOf(service), Counting, operation, settings);
}

const start = create(OperationSchema, running(1));

describe("what a handle remembers", () => {
  it("has the name it was made of", () => {
    expect(new OperationHandle(nobody, Counting, NAME).name).toBe(NAME);
  });

  it("is not done where only a name is known", () => {
    expect(new OperationHandle(nobody, Counting, NAME).done).toBe(false);
  });

  it("has no metadata where none came", () => {
    expect(new OperationHandle(nobody, Counting, NAME).metadata).toBeUndefined();
  });

  it("has the metadata of the message it was made of, in its type", () => {
    expect(new OperationHandle(nobody, Counting, start).metadata?.value).toBe(1);
  });

  it("names both types where metadata is of another", () => {
    const swapped = defineOperationType({ response: Int32ValueSchema, metadata: StringValueSchema });
    const handle = new OperationHandle(nobody, swapped, start);
    expect(() => handle.metadata).toThrow(
      'the metadata of operation "operations/1" is google.protobuf.Int32Value, not google.protobuf.StringValue',
    );
  });

  it("does not change when the caller's message does", () => {
    const message = create(OperationSchema, running(1));
    const handle = new OperationHandle(nobody, Counting, message);
    message.done = true;
    expect(handle.done).toBe(false);
  });

  it("leaves the caller's message as it is", async () => {
    const message = Object.freeze(create(OperationSchema, running(1)));
    await handleOf({ getOperation: () => succeeded("yes") }, message).poll();
    expect(message.done).toBe(false);
  });

  it("stays done when an answer comes that was overtaken", async () => {
    const late = Promise.withResolvers<ReturnType<typeof running>>();
    const getOperation = scripted(
      () => late.promise,
      () => succeeded("yes"),
    );
    const handle = handleOf({ getOperation });
    const overtaken = handle.poll();
    await handle.poll();
    late.resolve(running());
    expect(await overtaken).toBe(true);
  });
});

describe("poll", () => {
  it("answers that the operation is done", async () => {
    expect(await handleOf({ getOperation: () => succeeded("yes") }).poll()).toBe(true);
  });

  it("answers that the operation is not done", async () => {
    expect(await handleOf({ getOperation: () => running() }).poll()).toBe(false);
  });

  it("brings new metadata", async () => {
    const handle = handleOf({ getOperation: () => running(7) }, start);
    await handle.poll();
    expect(handle.metadata?.value).toBe(7);
  });

  it("calls nobody where the operation is done", async () => {
    expect(await ended(failed(Code.Aborted)).poll()).toBe(true);
  });

  it("does not throw because the work failed", async () => {
    expect(await handleOf({ getOperation: () => failed(Code.Aborted) }).poll()).toBe(true);
  });

  it("leaves the handle as it was when it fails", async () => {
    const handle = handleOf({ getOperation: refuse(Code.PermissionDenied) }, start);
    await rejection(handle.poll());
    expect(handle.metadata?.value).toBe(1);
  });

  it("passes the caller's headers on", async () => {
    let header: string | null = null;
    const handle = handleOf({
      getOperation: (_, { requestHeader }) => {
        header = requestHeader.get("x-test");
        return running();
      },
    });
    await handle.poll({ headers: { "x-test": "here" } });
    expect(header).toBe("here");
  });
});

describe("result", () => {
  it("waits, then answers the response in its type", async () => {
    expect((await handleOf({ waitOperation: () => succeeded("yes") }).result()).value).toBe("yes");
  });

  it("answers at once of an operation that was done from the start", async () => {
    expect((await ended(succeeded("at once")).result()).value).toBe("at once");
  });

  it("throws what the operation failed with", async () => {
    expect(await rejection(ended(failed(Code.DataLoss, "the disk is gone")).result())).toMatchObject({
      code: Code.DataLoss,
      rawMessage: "the disk is gone",
      operationName: NAME,
    });
  });

  it("throws an OperationFailedError where the operation failed", async () => {
    expect(await rejection(ended(failed(Code.Aborted)).result())).toBeInstanceOf(OperationFailedError);
  });

  it("throws an OperationCancelledError where the operation was cancelled", async () => {
    expect(await rejection(ended(failed(Code.Canceled)).result())).toBeInstanceOf(OperationCancelledError);
  });

  it("tells a failed operation from a cancelled one", async () => {
    expect(await rejection(ended(failed(Code.Canceled)).result())).not.toBeInstanceOf(OperationFailedError);
  });

  it("throws a ConnectError too, so that a handler that lets it through keeps its code", async () => {
    expect(await rejection(ended(failed(Code.Aborted)).result())).toBeInstanceOf(ConnectError);
  });

  it("keeps the details of what the operation failed with", async () => {
    const error = (await rejection(ended(failed(Code.Aborted)).result())) as ConnectError;
    expect(error.findDetails(StringValueSchema).map(({ value }) => value)).toEqual(["a detail"]);
  });

  it("throws where a server calls an operation done without a result", async () => {
    const handle = handleOf({ waitOperation: () => ({ name: NAME, done: true }) });
    expect(await rejection(handle.result())).toBeInstanceOf(OperationWithoutResultError);
  });

  it("names both types where the response is of another", async () => {
    const value = anyPack(EmptySchema, create(EmptySchema));
    const handle = ended({ ...running(), done: true, result: { case: "response", value } });
    expect(await rejection(handle.result())).toMatchObject({
      expectedType: "google.protobuf.StringValue",
      actualType: "google.protobuf.Empty",
    });
  });

  it("throws a WrongTypeError where the response is of another type", async () => {
    const value = anyPack(EmptySchema, create(EmptySchema));
    const handle = ended({ ...running(), done: true, result: { case: "response", value } });
    expect(await rejection(handle.result())).toBeInstanceOf(WrongTypeError);
  });
});

describe("progress", () => {
  type Timed = { readonly timeout?: unknown };

  async function countsOf(handle: ReturnType<typeof handleOf>): Promise<number[]> {
    const counts: number[] = [];
    for await (const { value } of handle.progress()) counts.push(value);
    return counts;
  }

  it("yields metadata whenever it has changed, and ends with the operation", async () => {
    const waitOperation = scripted(
      () => running(2),
      () => running(2),
      () => succeeded("yes", 3),
    );
    expect(await countsOf(handleOf({ waitOperation }, start))).toEqual([1, 2, 3]);
  });

  it("asks for the present state first, where only a name is known", async () => {
    const service = { getOperation: () => running(4), waitOperation: () => succeeded("yes", 4) };
    expect(await countsOf(handleOf(service))).toEqual([4]);
  });

  it("asks each WaitOperation to wait for the interval", async () => {
    const waitOperation = scripted<Timed, ReturnType<typeof running>>(() => succeeded("yes"));
    for await (const _ of handleOf({ waitOperation }, start).progress({ intervalMs: 2_500 }));
    expect(waitOperation.calls[0]?.timeout).toMatchObject({ seconds: 2n, nanos: 500_000_000 });
  });

  it("polls a server that has no WaitOperation", async () => {
    const getOperation = scripted(
      () => running(2),
      () => running(3),
      () => succeeded("yes", 3),
    );
    expect(await countsOf(handleOf({ getOperation }, start))).toEqual([1, 2, 3]);
  });

  it("does not throw because the work failed", async () => {
    expect(await countsOf(handleOf({ waitOperation: () => failed(Code.Aborted) }, start))).toEqual([1]);
  });

  it("yields the last metadata of an operation that is done, and calls nobody", async () => {
    expect(await countsOf(handleOf({}, create(OperationSchema, succeeded("yes", 9))))).toEqual([9]);
  });

  it("leaves nothing behind when the caller breaks off", async () => {
    const clock = new HurriedClock();
    const client = clientOf({ waitOperation: neverAnswer });
    for await (const _ of new OperationHandle(client, Counting, start, { clock }).progress()) break;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("cancel and delete", () => {
  it("cancels by name", async () => {
    const cancelOperation = scripted(() => ({}));
    await handleOf({ cancelOperation }).cancel();
    expect(cancelOperation.calls).toMatchObject([{ name: NAME }]);
  });

  it("deletes by name", async () => {
    const deleteOperation = scripted(() => ({}));
    await handleOf({ deleteOperation }).delete();
    expect(deleteOperation.calls).toMatchObject([{ name: NAME }]);
  });

  it("has deleted where the answer was lost and the next attempt finds nothing", async () => {
    const deleteOperation = scripted<unknown, object>(refuse(Code.Unavailable), refuse(Code.NotFound));
    await handleOf({ deleteOperation }).delete();
    expect(deleteOperation.calls).toHaveLength(2);
  });

  it("says so where there was nothing to delete", async () => {
    const handle = handleOf({ deleteOperation: refuse(Code.NotFound) });
    expect(await rejection(handle.delete())).toMatchObject({ code: Code.NotFound });
  });
});
