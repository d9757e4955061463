import { describe, expect, it } from "vitest";
import type { OperationObserver } from "../../src/operation/operation-observer.ts";
import { until } from "../until.ts";
import { openService } from "./open-service.ts";
import { grpc } from "./protocols.ts";
import { finish, keepRunning } from "./stored.ts";

const refuse = (): never => {
  throw new Error("the observer is broken");
};

const broken: readonly [when: string, observer: OperationObserver][] = [
  ["begins", { waitBegins: refuse }],
  ["ends", { waitBegins: () => refuse }],
];

describe.each(broken)("with an observer that throws when a wait %s", (_, observer) => {
  it("those who wait are answered, and as many may wait afterwards", async () => {
    await using service = await openService(grpc, { observer, maxWaits: 1 });
    const done: (boolean | undefined)[] = [];
    for (let i = 0; i < 2; i++) {
      const name = await keepRunning(service.store);
      const answer = service.client.waitOperation({ name });
      await until(() => service.operations.service.waiting === 1);
      await finish(service.store, name);
      done.push((await answer).done);
    }
    expect(done).toEqual([true, true]);
  });
});
