import { createRegistry } from "@bufbuild/protobuf";
import { StringValueSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { Queue } from "bullmq";
import { describe, expect, it } from "vitest";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { until } from "../until.ts";
import { type BullMqFleet, openBullMqFleet } from "./bullmq-fleet.ts";
import { Copy, type CopyRun, gate, HANDLER } from "./fleet.ts";
import { useRedis } from "./use-redis.ts";

const copy = ({ input }: CopyRun) => ({ value: `copy of ${input.value}` });

const redis = useRedis();

describe("a job", () => {
  it("is named for its operation, and carries nothing else", async () => {
    await using fleet = openBullMqFleet(redis);
    const { name } = await fleet.server().start(Copy, { value: "a secret" });
    const job = await fleet.jobOf(name, "waiting");
    expect([job.name, job.data]).toEqual([name, { name }]);
  });

  it("completes with the type of the response", async () => {
    await using fleet = openBullMqFleet(redis);
    const { name } = await fleet.worker(copy).start(Copy, { value: "x" });
    const { returnvalue } = await fleet.jobOf(name, "completed");
    expect(returnvalue).toEqual({
      case: "completed",
      response: "type.googleapis.com/google.protobuf.StringValue",
    });
  });

  it("fails with the code and the message of the error, and no trace", async () => {
    await using fleet = openBullMqFleet(redis);
    const worker = fleet.worker(() => {
      throw new ConnectError("there is no such page", Code.NotFound);
    });
    const { name } = await worker.start(Copy, { value: "x" });
    const { failedReason, stacktrace } = await fleet.jobOf(name, "failed");
    expect([failedReason, stacktrace]).toEqual(["NOT_FOUND: there is no such page", []]);
  });

  it("tells of an error that clients must not see as clients are told", async () => {
    await using fleet = openBullMqFleet(redis);
    const worker = fleet.worker(() => {
      throw new Error("password hunter2 is wrong");
    });
    const { name } = await worker.start(Copy, { value: "x" });
    const { failedReason } = await fleet.jobOf(name, "failed");
    expect(failedReason).toBe(`INTERNAL: operation "${name}" failed with an internal error`);
  });

  it("shows how far its work is, as JSON", async () => {
    await using fleet = openBullMqFleet(redis);
    const end = gate();
    const worker = fleet.worker(async ({ input, progress }) => {
      await progress({ progress: { unitsDone: 3n, unitsTotal: 10n, unit: "pages" }, message: "printing" });
      await end.promise;
      return input;
    });
    const { name } = await worker.start(Copy, { value: "x" });
    await until(async () => (await fleet.jobOf(name, "active")).progress !== 0);
    const { progress } = await fleet.jobOf(name, "active");
    end.resolve();
    expect(progress).toMatchObject({
      "@type": "type.googleapis.com/longrunning.v1.OperationMetadata",
      progress: { unitsDone: "3", unitsTotal: "10", unit: "pages" },
      message: "printing",
    });
  });

  it("shows the last of its progress when it has ended, however quickly that came", async () => {
    await using fleet = openBullMqFleet(redis);
    const worker = fleet.worker(async ({ input, progress }) => {
      for (let page = 1; page <= 50; page++) await progress({ message: `page ${page}` });
      return input;
    });
    const { name } = await worker.start(Copy, { value: "x" });
    const { progress } = await fleet.jobOf(name, "completed");
    expect(progress).toMatchObject({ message: "page 50" });
  });

  it("shows progress of a type that it does not know in base64", async () => {
    await using fleet = openBullMqFleet(redis);
    expect(await progressOf(fleet)).toEqual({
      "@type": "type.googleapis.com/google.protobuf.Timestamp",
      value: "CAc=",
    });
  });

  it("shows progress of a type that the engine was told of as JSON", async () => {
    await using fleet = openBullMqFleet(redis, { registry: createRegistry(TimestampSchema) });
    expect(await progressOf(fleet)).toEqual({
      "@type": "type.googleapis.com/google.protobuf.Timestamp",
      value: "1970-01-01T00:00:07Z",
    });
  });

  it("is the one of its operation, however often that is told of", async () => {
    await using fleet = openBullMqFleet(redis);
    const server = fleet.server();
    const { name } = await server.start(Copy, { value: "x" });
    await fleet.jobOf(name, "waiting");
    for (let time = 0; time < 3; time++) {
      await fleet.engineOf(server)?.start([{ name, handler: HANDLER, delayMs: 0 }]);
    }
    expect(await fleet.queue.getJobCounts()).toMatchObject({ waiting: 1, delayed: 0 });
  });

  it("comes sooner than it was to, where it is told of with a shorter delay", async () => {
    await using fleet = openBullMqFleet(redis);
    const engine = fleet.engineOf(fleet.server());
    const name = "operations/x";
    await engine?.start([{ name, handler: HANDLER, delayMs: 60_000 }]);
    fleet.worker(copy);
    await engine?.start([{ name, handler: HANDLER, delayMs: 0 }]);
    expect((await fleet.jobOf(name, "completed")).returnvalue).toEqual({ case: "over" });
  });

  it("may come again for its operation when it has come to its end", async () => {
    await using fleet = openBullMqFleet(redis);
    const engine = fleet.engineOf(fleet.worker(copy));
    const delivery = { name: "operations/x", handler: HANDLER, delayMs: 0 };
    await engine?.start([delivery]);
    await fleet.jobOf(delivery.name, "completed");
    await engine?.start([delivery]);
    await until(async () => (await fleet.queue.getJobCountByTypes("completed")) === 2);
    expect(await fleet.queue.getJobCountByTypes("waiting", "delayed", "active")).toBe(0);
  });

  it("comes before all that wait, where its operation is cancelled", async () => {
    await using fleet = openBullMqFleet(redis);
    const server = fleet.server();
    const engine = fleet.engineOf(server);
    const names = ["operations/a", "operations/b", "operations/c"];
    await engine?.start(names.map((name) => ({ name, handler: HANDLER, delayMs: 0 })));
    await engine?.start([{ name: "operations/late", handler: HANDLER, delayMs: 60_000 }]);
    for (const name of ["operations/c", "operations/late", "operations/lost"]) {
      await engine?.cancel({ name, handler: HANDLER, delayMs: 0 });
    }
    const waiting = await fleet.queue.getWaiting();
    expect(waiting.map(({ name }) => name)).toEqual([
      ...["operations/lost", "operations/late", "operations/c", "operations/a", "operations/b"],
    ]);
  });

  it("stays where it is, where its operation is cancelled while it is delivered", async () => {
    await using fleet = openBullMqFleet(redis);
    const [begun, end] = [gate(), gate()];
    const worker = fleet.worker(async ({ input }) => {
      begun.resolve();
      await end.promise;
      return input;
    });
    const { name } = await worker.start(Copy, { value: "x" });
    await begun.promise;
    await fleet.engineOf(worker)?.cancel({ name, handler: HANDLER, delayMs: 0 });
    const counts = await fleet.queue.getJobCounts("active", "waiting", "delayed");
    end.resolve();
    expect(counts).toEqual({ active: 1, waiting: 0, delayed: 0 });
  });
});

/** Work whose progress is a moment. */
const Printing = defineOperationType({
  response: StringValueSchema,
  metadata: TimestampSchema,
  onServerLoss: { handler: "test.Printing", input: StringValueSchema },
});

/** What a job shows of work that reports a moment. */
async function progressOf(fleet: BullMqFleet): Promise<unknown> {
  const worker = fleet.worker(copy);
  worker.register(Printing, async ({ input, progress }) => {
    await progress({ seconds: 7n });
    return input;
  });
  const { name } = await worker.start(Printing, { value: "x" });
  await fleet.ended(name);
  const queue = new Queue("test.Printing", fleet.queue.opts);
  await until(async () => (await queue.getJobCountByTypes("completed")) === 1);
  const [job] = await queue.getCompleted();
  await queue.close();
  return job?.progress;
}
