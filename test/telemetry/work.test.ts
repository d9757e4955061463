import { createClient, createRouterTransport } from "@connectrpc/connect";
import { SpanStatusCode } from "@opentelemetry/api";
import { beforeAll, describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { OperationsService } from "../../src/service/operations-service.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import type { FakeClock } from "../../src/testing/fake-clock.ts";
import { forever } from "../manager/open-manager.ts";
import { Copy, type CopyRun, LEASE_MS, openShared } from "../manager/open-shared.ts";
import { settled, until } from "../until.ts";
import { activeTraceParent, collectTelemetry, registerContexts, traceParent } from "./collect-telemetry.ts";

const WORK = "longrunning.work";
const WAIT = "google.longrunning.Operations/WaitOperation";

beforeAll(registerContexts);

type CopyWork = (run: CopyRun) => Promise<{ value: string }> | { value: string };

/** A manager that tells what it does, and has a handler for `Copy`. */
function openWorker(shared: ReturnType<typeof openShared>, work: CopyWork) {
  const collected = collectTelemetry(shared.clock);
  const { manager, die } = shared.server({ observer: collected.telemetry.observer });
  manager.register(Copy, work);
  /** Starts a copy, in a span whose `traceparent` is answered too. */
  const start = () =>
    collected.tracer.startActiveSpan("asked", async (span) => {
      const { name } = await manager.start(Copy, { value: "x" });
      span.end();
      return { name, asked: traceParent(span.spanContext()) };
    });
  return { ...collected, manager, die, start };
}

/** A process that answers calls to wait, and tells of them. */
function openWaiting(store: OperationStore, clock: FakeClock) {
  const collected = collectTelemetry(clock);
  const { observer, serverInterceptor } = collected.telemetry;
  const service = new OperationsService(store, { clock, observer });
  const transport = createRouterTransport((router) => router.service(Operations, service), {
    router: { interceptors: [serverInterceptor] },
  });
  return { ...collected, service, client: createClient(Operations, transport) };
}

const copied = () => ({ value: "copied" });
const failing = () => {
  throw new Error("the disk is gone");
};

describe("the work of an operation", () => {
  it("has a span of its own, with a link to the span that started it", async () => {
    const shared = openShared();
    const { start, span } = openWorker(shared, copied);
    const { name, asked } = await start();
    await shared.ended(name);
    const { links, parentSpanContext, attributes } = await span(WORK);
    expect([parentSpanContext, links.map(({ context }) => traceParent(context)), attributes]).toEqual([
      undefined,
      [asked],
      {
        "longrunning.operation.type": "longrunning.v1.OperationMetadata",
        "longrunning.operation.name": name,
        "longrunning.work.attempt": 1,
        "longrunning.work.handler": "test.Copy",
        "longrunning.work.end": "completed",
      },
    ]);
  });

  it("is done in its span, also after it has waited for something", async () => {
    const shared = openShared();
    let active: string | undefined;
    const { start, span } = openWorker(shared, async () => {
      await settled();
      active = activeTraceParent();
      return copied();
    });
    await shared.ended((await start()).name);
    expect(active).toBe(traceParent((await span(WORK)).spanContext()));
  });

  it("that fails makes an error of its span, without a word of what it threw", async () => {
    const shared = openShared();
    const { start, span } = openWorker(shared, failing);
    await shared.ended((await start()).name);
    const { status, events, attributes } = await span(WORK);
    expect([status, events, attributes["longrunning.work.end"]]).toEqual([
      { code: SpanStatusCode.ERROR },
      [],
      "failed",
    ]);
  });

  it("that another process begins is linked to the span that started it", async () => {
    const shared = openShared();
    const starter = collectTelemetry();
    const { manager } = shared.server({ observer: starter.telemetry.observer, runsHandlers: false });
    const asked = await starter.tracer.startActiveSpan("asked", async (span) => {
      await manager.start(Copy, { value: "x" });
      return traceParent(span.spanContext());
    });
    const { span } = openWorker(shared, copied);
    const { links } = await span(WORK);
    expect(links.map(({ context }) => traceParent(context))).toEqual([asked]);
  });

  it("that another process goes on with is linked to the attempt before", async () => {
    const shared = openShared();
    const first = openWorker(shared, async ({ progress }) => {
      await progress({ message: "begun" });
      return forever();
    });
    const { name } = await first.start();
    await until(async () => (await shared.store.get(name))?.revision === 2);
    const before = (await shared.store.get(name))?.traceParent;
    await first.die();
    const second = openWorker(shared, copied);
    shared.clock.advance(LEASE_MS);
    await shared.ended(name);
    const { links } = await second.span(WORK);
    expect([links.map(({ context }) => traceParent(context)), before === undefined]).toEqual([
      [before],
      false,
    ]);
  });

  it("that is taken from its process counts as a lost lease there", async () => {
    const shared = openShared();
    const first = openWorker(shared, forever);
    const { name } = await first.start();
    await settled();
    await first.die();
    openWorker(shared, copied);
    shared.clock.advance(LEASE_MS);
    await shared.ended(name);
    await settled();
    const [point] = await first.measured("longrunning.lease.lost");
    expect(point?.value).toBeGreaterThan(0);
  });

  it("leaves nothing with the operation where nobody observes", async () => {
    const shared = openShared();
    const { manager } = shared.server();
    manager.register(Copy, copied);
    const { name } = await manager.start(Copy, { value: "x" });
    await shared.ended(name);
    expect((await shared.store.get(name))?.traceParent).toBeUndefined();
  });
});

describe("a wait", () => {
  it("in another process is linked to the span of the work", async () => {
    const shared = openShared();
    const goOn = Promise.withResolvers<void>();
    const worker = openWorker(shared, async () => {
      await goOn.promise;
      return copied();
    });
    const { name } = await worker.start();
    const waiting = openWaiting(shared.store, shared.clock);
    const answer = waiting.client.waitOperation({ name });
    await until(() => waiting.service.waiting === 1);
    goOn.resolve();
    await answer;
    const [work, { links }] = [await worker.span(WORK), await waiting.span(WAIT)];
    expect(links.map(({ context }) => traceParent(context))).toEqual([traceParent(work.spanContext())]);
  });

  it("is counted while it lasts", async () => {
    const shared = openShared();
    const worker = openWorker(shared, forever);
    const { name } = await worker.start();
    const { client, service, measured } = openWaiting(shared.store, shared.clock);
    const answer = client.waitOperation({ name });
    await until(() => service.waiting === 1);
    const during = await measured("longrunning.wait.active");
    service.close();
    await answer;
    const after = await measured("longrunning.wait.active");
    expect([during, after].map(([point]) => point?.value)).toEqual([1, 0]);
  });

  it("that was kept waiting tells how long its answer took from the end", async () => {
    const shared = openShared();
    const goOn = Promise.withResolvers<void>();
    const worker = openWorker(shared, async () => {
      await goOn.promise;
      return copied();
    });
    const { name } = await worker.start();
    const { client, service, measured } = openWaiting(shared.store, shared.clock);
    const answer = client.waitOperation({ name });
    await until(() => service.waiting === 1);
    goOn.resolve();
    await answer;
    const [before] = await measured("longrunning.wait.wake_delay");
    // What has ended already keeps nobody waiting.
    shared.clock.advance(1);
    await client.waitOperation({ name });
    const [after] = await measured("longrunning.wait.wake_delay");
    expect([before?.value, after?.value]).toEqual([1, 1]);
  });
});
