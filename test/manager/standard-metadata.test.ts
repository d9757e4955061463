import { once } from "node:events";
import { StringValueSchema, timestampMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { type Operation, Operations } from "../../gen/google/longrunning/operations_pb.ts";
import {
  type OperationMetadata,
  OperationMetadataSchema,
  OperationMetadata_State as State,
} from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import type { Work } from "../../src/manager/work.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { OperationsService } from "../../src/service/operations-service.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { metadataOf } from "../service/operation-state.ts";
import { settled } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";

/** A type without a metadata message of its own. */
const Plain = defineOperationType({ response: StringValueSchema, retentionMs: 60_000 });

function plainMetadata({ metadata }: Operation): OperationMetadata {
  if (metadata === undefined) throw new Error("there is no metadata");
  return unpacked(OperationMetadataSchema, metadata);
}

/** The metadata of an operation without a metadata message of its own, at the moments that matter. */
async function lifeOf(work: Work<typeof StringValueSchema, typeof OperationMetadataSchema>, passMs = 0) {
  const opened = openManager();
  const begun = await opened.manager.start(Plain, work);
  opened.clock.advance(passMs);
  return { ...opened, name: begun.name, begun: plainMetadata(begun) };
}

describe("the metadata of a type without a message of its own", () => {
  it("says at the start when that was, that the work runs, and for the first time", async () => {
    const { begun, clock } = await lifeOf(forever);
    const { createTime, startTime, updateTime, endTime, state, attempt } = begun;
    const times = [createTime, startTime, updateTime].map((time) => time && timestampMs(time));
    const now = clock.wallMs();
    expect([times, endTime, state, attempt]).toEqual([[now, now, now], undefined, State.RUNNING, 1]);
  });

  it("counts a percentage from what the work reports, and says when it did", async () => {
    const goOn = Promise.withResolvers<void>();
    const { clock, name, now } = await lifeOf(async ({ progress }) => {
      await goOn.promise;
      await progress({ progress: { unitsDone: 1n, unitsTotal: 3n, unit: "files" }, message: "one" });
      return forever();
    }, 5_000);
    goOn.resolve();
    await settled();
    const { progress, message, updateTime } = plainMetadata(await now(name));
    expect([progress?.percent, progress?.unit, message, updateTime && timestampMs(updateTime)]).toEqual([
      33,
      "files",
      "one",
      clock.wallMs(),
    ]);
  });

  it("says of success when it was, until when it is kept, and that all is done", async () => {
    const { clock, begun } = await lifeOf(() => ({ value: "x" }));
    const { state, endTime, expireTime, progress } = begun;
    const times = [endTime, expireTime].map((time) => time && timestampMs(time));
    expect([state, times, progress?.percent]).toEqual([
      State.SUCCEEDED,
      [clock.wallMs(), clock.wallMs() + 60_000],
      100,
    ]);
  });

  it.each([
    ["FAILED", new ConnectError("no", Code.DataLoss), State.FAILED],
    ["ABORTED", new ConnectError("no", Code.Aborted), State.ABORTED],
  ])("says %s where the work does", async (_what, error, expected) => {
    const { begun } = await lifeOf(() => {
      throw error;
    });
    expect(begun.state).toBe(expected);
  });

  it("says ABORTED where the server stops", async () => {
    const { manager, name, now } = await lifeOf(async ({ signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    });
    await manager.close();
    expect(plainMetadata(await now(name)).state).toBe(State.ABORTED);
  });

  it("keeps what the work last said, and says what else is so, where it ends elsewhere", async () => {
    const { manager, now } = openManager();
    const { name } = await manager.newOperation(Plain);
    await manager.setMetadata(Plain, name, { message: "half" });
    await manager.setResult(Plain, name, { value: "x" });
    const { message, state } = plainMetadata(await now(name));
    expect([message, state]).toEqual(["half", State.SUCCEEDED]);
  });
});

describe("a cancel", () => {
  async function cancelled(types: ConstructorParameters<typeof OperationsService>[1]) {
    const opened = openManager();
    const service = new OperationsService(opened.store, { clock: opened.clock, ...types });
    const client = createClient(
      Operations,
      createRouterTransport((router) => router.service(Operations, service)),
    );
    const plain = await opened.manager.start(Plain, forever);
    const simulated = await opened.manager.start(SimulateWork, forever);
    for (const { name } of [plain, simulated]) await client.cancelOperation({ name });
    return { plain: await opened.now(plain.name), simulated: await opened.now(simulated.name) };
  }

  it("is in the metadata when CancelOperation answers, of a type that the service knows", async () => {
    const { plain, simulated } = await cancelled({ types: [Plain, SimulateWork] });
    const { state, cancelRequested } = plainMetadata(plain);
    expect([state, cancelRequested, metadataOf(simulated).cancelRequested]).toEqual([
      State.CANCELLING,
      true,
      true,
    ]);
  });

  it("is in the metadata of a type without a message of its own, though nobody told the service of it", async () => {
    const { plain } = await cancelled({});
    expect(plainMetadata(plain).state).toBe(State.CANCELLING);
  });

  it("is in the metadata once the work has stopped", async () => {
    const { cancel, ended, manager } = openManager();
    const { name } = await manager.start(Plain, async ({ signal }) => {
      await once(signal, "abort");
      throw signal.reason;
    });
    await cancel(name);
    const { state, cancelRequested } = plainMetadata(await ended(name));
    expect([state, cancelRequested]).toEqual([State.CANCELLED, true]);
  });
});
