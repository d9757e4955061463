import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { OptionalRpc } from "../../src/service/operations-service.ts";
import { openService } from "./open-service.ts";
import { protocols } from "./protocols.ts";
import { errorInfosOf, refusalOf } from "./refusal.ts";
import { keepRunning } from "./stored.ts";

const OPTIONAL_RPCS: readonly OptionalRpc[] = [
  "listOperations",
  "deleteOperation",
  "cancelOperation",
  "waitOperation",
];

describe.each(protocols)("a service with RPCs switched off, over $name", (protocol) => {
  it.each(OPTIONAL_RPCS)("does not implement %s", async (rpc) => {
    await using service = await openService(protocol, { switchedOff: [rpc] });
    const error = await refusalOf(service.client[rpc]({ name: "" }));
    expect([error.code, errorInfosOf(error).map(({ reason }) => reason)]).toEqual([
      Code.Unimplemented,
      ["NOT_OFFERED"],
    ]);
  });

  it("goes on to offer the others", async () => {
    await using service = await openService(protocol, { switchedOff: ["deleteOperation", "waitOperation"] });
    const name = await keepRunning(service.store);
    await service.client.cancelOperation({ name });
    const { operations } = await service.client.listOperations({});
    expect(operations).toEqual([await service.client.getOperation({ name })]);
  });

  it("deletes nothing where it does not offer to delete", async () => {
    await using service = await openService(protocol, { switchedOff: ["deleteOperation"] });
    const name = await keepRunning(service.store);
    await refusalOf(service.client.deleteOperation({ name }));
    expect((await service.client.getOperation({ name })).name).toBe(name);
  });
});
