import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { Code, createRouterTransport, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import {
  createOperationsClient,
  WatchOperationsResponse_End_Reason as EndReason,
  OperationHandle,
  Operations,
  OperationsWatchService,
  StoppedWaitingError,
} from "../../src/client/index.ts";
import { createOperations, MemoryStore } from "../../src/index.ts";
import { serve } from "../../src/server/serve.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { grpc } from "../service/protocols.ts";
import { settled, until } from "../until.ts";
import { Counting, NAME, refuse, rejection, running, scripted, succeeded } from "./scripted-server.ts";

type WatchImpl = ServiceImpl<typeof OperationsWatchService>["watchOperations"];
type Told = Awaited<ReturnType<WatchImpl>> extends AsyncIterable<infer Event> ? Event : never;

function told(operation: ReturnType<typeof running>): Told {
  return { event: { case: "operation", value: create(OperationSchema, operation) } };
}

/** A clock for which no pause between two calls is long. Those that say when to give up on a server stand still. */
class ClockOfPauses extends FakeClock {
  override after(delayMs: number, ring: () => void): () => void {
    const callOff = super.after(delayMs, ring);
    if (delayMs < 10_000) queueMicrotask(() => this.advance(delayMs));
    return callOff;
  }
}

/** A watch that says nothing, and ends as it is told. */
function silentUntil(end: () => Promise<never>): AsyncIterable<Told> {
  return { [Symbol.asyncIterator]: () => ({ next: end }) };
}

/** A handle of a server that tells of the operation by this script: its first watch by the first part, and so on. */
function watchedHandle(
  parts: readonly ((context: HandlerContext) => AsyncIterable<Told>)[],
  service: Partial<ServiceImpl<typeof Operations>> = {},
  clock: FakeClock = new ClockOfPauses(),
) {
  let watches = 0;
  const transport = createRouterTransport((router) => {
    router.service(Operations, service);
    router.service(OperationsWatchService, {
      watchOperations(_, context) {
        const part = parts[Math.min(watches, parts.length - 1)];
        watches++;
        if (part === undefined) throw new RangeError("a script needs a part");
        return part(context);
      },
    });
  });
  const handle = new OperationHandle(createOperationsClient(transport), Counting, NAME, {
    clock,
    random: () => 0.5,
  });
  return { handle, watches: () => watches };
}

async function countsOf(handle: ReturnType<typeof watchedHandle>["handle"]): Promise<number[]> {
  const counts: number[] = [];
  for await (const { value } of handle.progress()) counts.push(value);
  return counts;
}

describe("progress from a server that tells of changes", () => {
  it("is each state that is told, and nothing is asked", async () => {
    const { handle } = watchedHandle([
      async function* () {
        yield told(running(1));
        yield { event: { case: "snapshotComplete", value: {} } };
        yield told(running(2));
        yield { event: { case: "keepAlive", value: {} } };
        yield told(succeeded("yes", 3));
      },
    ]);
    expect(await countsOf(handle)).toEqual([1, 2, 3]);
  });

  it("goes on with another watch where a connection was lost, or the server has stopped", async () => {
    const { handle, watches } = watchedHandle([
      async function* () {
        yield told(running(1));
        refuse(Code.Unavailable)();
      },
      async function* () {
        yield told(running(1));
        yield { event: { case: "end", value: { reason: EndReason.SERVER_STOPPING } } };
      },
      async function* () {
        yield told(succeeded("yes", 2));
      },
    ]);
    expect([await countsOf(handle), watches()]).toEqual([[1, 2], 3]);
  });

  it("gives up after 10 failures in a row", async () => {
    const { handle, watches } = watchedHandle([() => silentUntil(async () => refuse(Code.Unavailable)())]);
    expect([await rejection(countsOf(handle)), watches()]).toMatchObject([{ code: Code.Unavailable }, 10]);
  });

  it.each([Code.Unimplemented, Code.PermissionDenied, Code.ResourceExhausted])(
    "is asked for where watching is answered with %i",
    async (code) => {
      const { handle, watches } = watchedHandle([() => silentUntil(async () => refuse(code)())], {
        getOperation: scripted(() => running(1)),
        waitOperation: scripted(
          () => running(2),
          () => succeeded("yes", 3),
        ),
      });
      expect([await countsOf(handle), watches()]).toEqual([[1, 2, 3], 1]);
    },
  );

  it("is asked for where a server says nothing", async () => {
    const clock = new FakeClock();
    const { handle } = watchedHandle(
      [({ signal }) => silentUntil(() => once(signal, "abort").then(refuse(Code.Canceled)))],
      { getOperation: scripted(() => succeeded("yes", 1)) },
      clock,
    );
    const counts = countsOf(handle);
    await until(() => clock.pendingTimers > 0);
    clock.advance(10_000);
    expect(await counts).toEqual([1]);
  });

  it("ends though the server goes on with a stream that has told the end", async () => {
    const { handle } = watchedHandle([
      async function* ({ signal }) {
        yield told(succeeded("yes", 1));
        await once(signal, "abort");
      },
    ]);
    expect(await countsOf(handle)).toEqual([1]);
  });

  it("ends with the answer of GetOperation where the operation is gone", async () => {
    const { handle } = watchedHandle(
      [
        async function* () {
          yield told(running(1));
          yield { event: { case: "gone", value: { name: NAME, reason: 1 } } };
        },
      ],
      { getOperation: refuse(Code.NotFound) },
    );
    expect(await rejection(countsOf(handle))).toMatchObject({ code: Code.NotFound });
  });

  it("ends when the caller's time is up", async () => {
    const clock = new FakeClock();
    const { handle } = watchedHandle(
      [
        async function* ({ signal }) {
          yield told(running(1));
          await once(signal, "abort");
        },
      ],
      {},
      clock,
    );
    const iteration = handle.progress({ timeoutMs: 5_000 });
    await iteration.next();
    const next = rejection(iteration.next());
    await settled();
    clock.advance(5_000);
    expect(await next).toBeInstanceOf(StoppedWaitingError);
  });

  it("leaves neither call nor timer behind when the caller leaves", async () => {
    const clock = new FakeClock();
    let left: Promise<unknown> = Promise.reject(new Error("nobody watched"));
    left.catch(() => {});
    const { handle } = watchedHandle(
      [
        async function* ({ signal }) {
          left = once(signal, "abort");
          yield told(running(1));
          await left;
        },
      ],
      {},
      clock,
    );
    for await (const _ of handle.progress({ timeoutMs: 5_000 })) break;
    await left;
    expect(clock.pendingTimers).toBe(0);
  });
});

describe("progress from this package's own server", () => {
  let store: MemoryStore;
  beforeEach(() => {
    store = new MemoryStore();
  });
  afterEach(() => store[Symbol.asyncDispose]());

  it.each([true, false])("comes to its end, with the watch switched on: %s", async (watch) => {
    await using operations = createOperations({ store, watch });
    await using server = await serve({ operations, port: 0 });
    using connection = grpc.connect(server.url);
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const operation = await operations.manager.start(Counting, async ({ progress }) => {
      await progress({ value: 1 });
      await mayEnd;
      return { value: "yes" };
    });
    const client = createOperationsClient(connection.transport);
    const handle = new OperationHandle(client, Counting, operation.name);
    const counts: number[] = [];
    for await (const { value } of handle.progress({ intervalMs: 50 })) {
      counts.push(value);
      end();
    }
    expect([counts, (await handle.result()).value]).toEqual([[1], "yes"]);
  });
});
