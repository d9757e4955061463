import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { settled } from "../until.ts";
import { errorOf, forever, reasonsOf } from "./open-manager.ts";

import { LEASE_MS, openShared } from "./open-shared.ts";

describe("work that ends with its server", () => {
  it("is ABORTED when another server looks, with an ErrorInfo that says why", async () => {
    const { server, ended } = openShared();
    const first = server();
    const { name } = await first.manager.start(SimulateWork, forever);
    await first.die();
    server();
    const operation = await ended(name);
    expect([errorOf(operation)[0], reasonsOf(operation)]).toEqual([Code.Aborted, ["SERVER_LOST"]]);
  });

  it("is found within the lease time by a server that runs already", async () => {
    const { server, clock, ended } = openShared();
    const [first] = [server(), server()];
    const { name } = await first.manager.start(SimulateWork, forever);
    await settled();
    await first.die();
    clock.advance(LEASE_MS / 2);
    expect((await ended(name)).result.case).toBe("error");
  });

  it("goes on while its server holds its lease, however long that is", async () => {
    const { server, clock, now } = openShared();
    const [first] = [server(), server()];
    const { name } = await first.manager.start(SimulateWork, forever);
    for (let i = 0; i < 10; i++) {
      clock.advance(LEASE_MS);
      await settled();
    }
    expect((await now(name)).done).toBe(false);
  });

  it("changes nothing any more where it comes late", async () => {
    const { server, ended } = openShared();
    const first = server();
    const goOn = Promise.withResolvers<void>();
    const { name } = await first.manager.start(SimulateWork, async ({ progress }) => {
      await goOn.promise;
      await progress({ stepsDone: 7 });
      return { payload: "late" };
    });
    await first.die();
    server();
    const aborted = await ended(name);
    goOn.resolve();
    await settled();
    expect(await ended(name)).toBe(aborted);
  });

  it("is kept as long as its type says, also where another server ends it", async () => {
    const { server, store, clock, ended } = openShared();
    const first = server();
    const brief = defineOperationType({ response: EmptySchema, retentionMs: 5_000 });
    const { name } = await first.manager.start(brief, forever);
    await first.die();
    server();
    await ended(name);
    expect((await store.get(name))?.expireTimeMs).toBe(clock.wallMs() + 5_000);
  });

  it("leaves work alone that runs elsewhere for a server that lives", async () => {
    const { server, clock, now } = openShared();
    const [first] = [server(), server()];
    const { name } = await first.manager.newOperation(SimulateWork);
    clock.advance(LEASE_MS);
    await settled();
    expect((await now(name)).done).toBe(false);
  });
});
