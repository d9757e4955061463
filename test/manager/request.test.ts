import { anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { responseOf } from "../service/operation-state.ts";
import { errorInfosOf, refusalOf, violatedFieldsOf } from "../service/refusal.ts";
import { forever, openManager } from "./open-manager.ts";

const Copy = defineOperationType({
  response: StringValueSchema,
  onServerLoss: { handler: "test.Copy", input: StringValueSchema },
});

/** A request with an ID that asks for something. */
function request(id: string, asksFor = "") {
  return {
    request: {
      id,
      content: anyPack(StringValueSchema, { $typeName: StringValueSchema.typeName, value: asksFor }),
    },
  };
}

describe("a request that comes again", () => {
  it("gets the operation that it started, as it is now", async () => {
    const { manager, ended } = openManager();
    const finish = Promise.withResolvers<void>();
    const work = async () => {
      await finish.promise;
      return { payload: "once" };
    };
    const { name } = await manager.start(SimulateWork, work, request("r1"));
    finish.resolve();
    await ended(name);
    const again = await manager.start(SimulateWork, forever, request("r1"));
    expect([again.name, responseOf(again).payload]).toEqual([name, "once"]);
  });

  it("starts no work", async () => {
    const { manager } = openManager();
    let begun = 0;
    const work = () => {
      begun++;
      return forever();
    };
    for (let i = 0; i < 3; i++) await manager.start(SimulateWork, work, request("r1"));
    expect([begun, manager.running]).toEqual([1, 1]);
  });

  it("starts the work once where many come at the same time", async () => {
    const { manager } = openManager();
    let begun = 0;
    const work = () => {
      begun++;
      return forever();
    };
    const all = Array.from({ length: 50 }, () => manager.start(SimulateWork, work, request("r1")));
    const names = new Set((await Promise.all(all)).map(({ name }) => name));
    expect([begun, names.size]).toEqual([1, 1]);
  });

  it("starts the work once where it comes to two servers", async () => {
    const { manager, store, clock } = openManager();
    const other = new OperationManager(store, { clock });
    const first = await manager.start(SimulateWork, forever, request("r1"));
    expect((await other.start(SimulateWork, forever, request("r1"))).name).toBe(first.name);
  });

  it("starts another operation once that one was deleted", async () => {
    const { manager, store } = openManager();
    const { name } = await manager.start(SimulateWork, forever, request("r1"));
    await store.delete(name);
    expect((await manager.start(SimulateWork, forever, request("r1"))).name).not.toBe(name);
  });

  it("runs a handler once", async () => {
    const { manager } = openManager();
    let begun = 0;
    manager.register(Copy, () => {
      begun++;
      return forever();
    });
    const options = { request: { id: "r1" } };
    const first = await manager.start(Copy, { value: "x" }, options);
    const second = await manager.start(Copy, { value: "x" }, options);
    expect([begun, second.name]).toEqual([1, first.name]);
  });

  it("says that an operation whose work runs elsewhere is not new", async () => {
    const { manager } = openManager();
    const first = await manager.newOperation(SimulateWork, request("r1"));
    const second = await manager.newOperation(SimulateWork, request("r1"));
    expect([first.isNew, second.isNew, second.name]).toEqual([true, false, first.name]);
  });
});

describe("a request with the ID of another", () => {
  it("is refused with ALREADY_EXISTS, and says so", async () => {
    const { manager } = openManager();
    await manager.start(SimulateWork, forever, request("r1", "a"));
    const error = await refusalOf(manager.start(SimulateWork, forever, request("r1", "b")));
    expect([error.code, error.rawMessage, errorInfosOf(error).map(({ reason }) => reason)]).toEqual([
      Code.AlreadyExists,
      'request_id "r1" was used before, for a request with another content',
      ["REQUEST_ID_TAKEN"],
    ]);
  });

  it("changes nothing", async () => {
    const { manager, now, store } = openManager();
    const { name } = await manager.start(SimulateWork, forever, request("r1", "a"));
    const before = await now(name);
    await refusalOf(manager.start(SimulateWork, forever, request("r1", "b")));
    const { length } = await store.list({ parent: "", limit: 10 });
    expect([await now(name), length]).toEqual([before, 1]);
  });

  it("is refused where it asks for another kind of operation", async () => {
    const { manager } = openManager();
    const Other = defineOperationType({ response: StringValueSchema });
    await manager.start(SimulateWork, forever, request("r1"));
    expect((await refusalOf(manager.start(Other, forever, request("r1")))).code).toBe(Code.AlreadyExists);
  });

  it("is refused where the operation would belong to another parent", async () => {
    const { manager } = openManager();
    await manager.start(SimulateWork, forever, { ...request("r1"), parent: "tenants/a" });
    const other = manager.start(SimulateWork, forever, { ...request("r1"), parent: "tenants/b" });
    expect((await refusalOf(other)).code).toBe(Code.AlreadyExists);
  });

  it("is refused where a handler would get another input", async () => {
    const { manager } = openManager();
    manager.register(Copy, forever);
    await manager.start(Copy, { value: "x" }, { request: { id: "r1" } });
    const error = await refusalOf(manager.start(Copy, { value: "y" }, { request: { id: "r1" } }));
    expect(error.code).toBe(Code.AlreadyExists);
  });
});

describe("a request_id", () => {
  it("is none where it is empty", async () => {
    const { manager } = openManager();
    const first = await manager.start(SimulateWork, forever, request(""));
    expect((await manager.start(SimulateWork, forever, request(""))).name).not.toBe(first.name);
  });

  it.each([
    ["longer than 128 bytes", "é".repeat(65)],
    ["with a NUL", "a\0b"],
    ["with half a character", "a\ud800"],
  ])("is refused where it is %s", async (_what, id) => {
    const { manager, store } = openManager();
    const error = await refusalOf(manager.start(SimulateWork, forever, request(id)));
    const { length } = await store.list({ parent: "", limit: 10 });
    expect([error.code, violatedFieldsOf(error), length]).toEqual([Code.InvalidArgument, ["request_id"], 0]);
  });
});
