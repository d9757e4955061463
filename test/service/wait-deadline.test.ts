import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/time/clock.ts";
import { openService } from "./open-service.ts";
import { protocols } from "./protocols.ts";
import { keepRunning } from "./stored.ts";

describe("WaitOperation on the machine's own clock", () => {
  it.concurrent.each(protocols)("answers before the caller's deadline over $name", async (protocol) => {
    await using service = await openService(protocol, { clock: systemClock });
    const name = await keepRunning(service.store);
    // The first call connects, which may take longer than the margin.
    await service.client.getOperation({ name });
    const startedMs = performance.now();
    const { done } = await service.client.waitOperation({ name }, { timeoutMs: 3_000 });
    const waitedMs = performance.now() - startedMs;
    expect([done, waitedMs > 2_500]).toEqual([false, true]);
  });
});
