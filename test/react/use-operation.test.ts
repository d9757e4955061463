import "./dom.js";
import { Code, ConnectError } from "@connectrpc/connect";
import { useQuery } from "@connectrpc/connect-query";
import { describe, expect, it } from "vitest";
import {
  type Operation,
  OperationCancelledError,
  OperationFailedError,
  Operations,
  WrongTypeError,
} from "../../src/client/index.ts";
import { useCancelOperation, useOperation, useOperationProgress } from "../../src/react/index.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { Counting } from "../client/scripted-server.ts";
import { finish, keepMany } from "../service/stored.ts";
import { until } from "../until.ts";
import { openPage } from "./open-page.ts";
import { startCounting } from "./start-counting.ts";

describe("useOperation", () => {
  it("shows an operation from its first state to its response", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const seen: unknown[] = [];
    const { result } = page.mount(() => {
      const state = useOperation(Counting, work.name);
      seen.push(state.status === "running" ? state.metadata?.value : (state.response?.value ?? state.status));
      return state;
    });
    await page.watching(1);
    await work.count(1);
    await until(() => result.current.metadata?.value === 1);
    work.succeed("yes");
    await until(() => result.current.done);
    expect([...new Set(seen)]).toEqual(["loading", undefined, 1, "yes"]);
  });

  it("asks once, and is told the rest", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    for (let count = 1; count <= 5; count++) {
      await work.count(count);
      await until(() => result.current.metadata?.value === count);
    }
    work.succeed("yes");
    await until(() => result.current.done);
    expect(page.log.calls).toEqual(["GetOperation", "WatchOperations"]);
  });

  it("shows what the work failed with, as the client's own error", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    work.fail(new ConnectError("the disk is full", Code.ResourceExhausted));
    await until(() => result.current.done);
    expect([result.current.status, result.current.error]).toMatchObject([
      "failed",
      expect.any(OperationFailedError),
    ]);
  });

  it("shows that the work has stopped where a component has cancelled it", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => ({
      operation: useOperation(Counting, work.name),
      cancel: useCancelOperation(),
    }));
    await page.watching(1);
    result.current.cancel.mutate({ name: work.name });
    await until(() => result.current.operation.done);
    expect([result.current.operation.status, result.current.operation.error]).toMatchObject([
      "cancelled",
      expect.any(OperationCancelledError),
    ]);
  });

  it("asks nobody as long as there is no name", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const view = page.mount(({ name }: { name?: string }) => useOperation(Counting, name), {});
    expect([view.result.current.status, page.log.calls]).toEqual(["loading", []]);
    view.rerender({ name: work.name });
    await until(() => view.result.current.status === "running");
  });

  it("makes one call for a hundred components, and none when the last of them is gone", async () => {
    await using page = await openPage();
    const names = await keepMany(page.server.store, 100);
    const views = names.map((name) => page.mount(() => useOperation(SimulateWork, name)));
    await until(() => views.every(({ result }) => result.current.status === "running"));
    for (const name of names.slice(0, 50)) await finish(page.server.store, name);
    await until(() => views.slice(0, 50).every(({ result }) => result.current.done));
    expect(page.server.operations.watch?.watching).toBe(1);
    for (const { unmount } of views) unmount();
    await page.watching(0);
    expect(page.log.mostAtOnce("WaitOperation")).toBe(0);
  });

  it("goes on with the same call where a component is mounted in the place of another", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const first = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    first.unmount();
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await work.count(1);
    await until(() => result.current.metadata?.value === 1);
    expect(page.log.calls.filter((call) => call === "WatchOperations")).toHaveLength(1);
  });

  it("asks neither twice nor for changes of what is done", async () => {
    await using page = await openPage();
    const { name } = await page.server.operations.manager.start(Counting, async () => ({ value: "yes" }));
    await page.operations.waitOperation({ name });
    const first = page.mount(() => useOperation(Counting, name));
    await until(() => first.result.current.done);
    first.unmount();
    const second = page.mount(() => useOperation(Counting, name));
    expect([second.result.current.status, page.log.calls]).toEqual([
      "succeeded",
      ["WaitOperation", "GetOperation"],
    ]);
  });

  it("shows why nothing is known of an operation that is not there, while another goes on", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const missing = page.mount(() => useOperation(Counting, "operations/missing"));
    const other = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    await work.count(1);
    await until(() => other.result.current.metadata?.value === 1);
    expect([missing.result.current.status, missing.result.current.error?.code]).toEqual([
      "unknown",
      Code.NotFound,
    ]);
  });

  it("shows that an operation is kept no longer", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    await page.operations.deleteOperation({ name: work.name });
    await until(() => result.current.status === "unknown");
    expect(result.current.error?.code).toBe(Code.NotFound);
  });

  it("tells what it hears to connect-query's own useQuery of GetOperation", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    page.mount(() => useOperation(Counting, work.name));
    const plain = page.mount(() => useQuery(Operations.method.getOperation, { name: work.name }));
    await page.watching(1);
    const asked = page.log.calls.length;
    work.succeed("yes");
    await until(() => plain.result.current.data?.done === true);
    expect(page.log.calls).toHaveLength(asked);
  });

  it("lets no answer that comes late undo the end", async () => {
    const late = Promise.withResolvers<void>();
    const left = Promise.withResolvers<void>();
    let isHeld = false;
    await using page = await openPage({
      intercept: (next) => async (request) => {
        const response = await next(request);
        if (request.method.name !== "GetOperation" || !isHeld) return response;
        left.resolve();
        await late.promise;
        return response;
      },
    });
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await until(() => result.current.status === "running");
    await work.count(1);
    await until(() => result.current.metadata?.value === 1);
    isHeld = true;
    const refetched = page.queryClient.refetchQueries();
    await left.promise;
    work.succeed("yes");
    await until(() => result.current.done);
    late.resolve();
    await refetched;
    const [[, kept] = []] = page.queryClient.getQueriesData<Operation>({});
    expect(kept?.done).toBe(true);
  });

  it("waits by WaitOperation where the server does not offer to watch", async () => {
    await using page = await openPage({ create: { watch: false } });
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await until(() => page.server.operations.service.waiting === 1);
    work.succeed("yes");
    await until(() => result.current.done);
    expect(result.current.response?.value).toBe("yes");
  });

  it("leaves no call behind where a component that waited is gone", async () => {
    await using page = await openPage({ create: { watch: false } });
    const work = await startCounting(page.server.operations.manager);
    const { unmount } = page.mount(() => useOperation(Counting, work.name));
    await until(() => page.server.operations.service.waiting === 1);
    unmount();
    await until(() => page.server.operations.service.waiting === 0);
    const asked = page.log.calls.length;
    await until(() => page.server.operations.service.waiting === 0);
    expect(page.log.calls).toHaveLength(asked);
  });

  it("goes on where the connection was lost", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    page.cutConnections();
    await page.watching(0);
    work.succeed("yes");
    await until(() => result.current.done);
    expect(result.current.response?.value).toBe("yes");
  });

  it("says so where a token holds no longer, and goes on with another when the page asks again", async () => {
    let [held, valid] = ["first", "first"];
    const authenticate = ({ header }: { readonly header: Headers }) =>
      header.get("authorization") === valid ? { id: "alice" } : undefined;
    await using page = await openPage({
      create: { access: { authenticate, authorize: () => true } },
      intercept: (next) => async (request) => {
        request.header.set("authorization", held);
        return await next(request);
      },
    });
    const work = await startCounting(page.server.operations.manager);
    const { result } = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    valid = "second";
    page.cutConnections();
    await until(() => result.current.status === "unknown");
    const { error } = result.current;
    held = "second";
    await page.queryClient.invalidateQueries();
    work.succeed("yes");
    await until(() => result.current.done);
    expect([error, result.current.status]).toMatchObject([{ code: Code.Unauthenticated }, "succeeded"]);
  });

  it("tells others of changes where one of them was deleted before it could be watched", async () => {
    const shown = Promise.withResolvers<void>();
    await using page = await openPage({
      intercept: (next) => async (request) => {
        const answer = await next(request);
        if (request.method.name === "GetOperation") await shown.promise;
        return answer;
      },
    });
    const [work, deleted] = [
      await startCounting(page.server.operations.manager),
      await startCounting(page.server.operations.manager),
    ];
    const views = [work, deleted].map(({ name }) => page.mount(() => useOperation(Counting, name)));
    await until(() => page.log.lines.filter((line) => line === "GetOperation over").length >= 2);
    await page.operations.deleteOperation({ name: deleted.name });
    shown.resolve();
    await until(() => views[1]?.result.current.status === "unknown");
    await work.count(1);
    await until(() => views[0]?.result.current.metadata?.value === 1);
    expect(views[0]?.result.current.status).toBe("running");
  });

  it("shows what is unknown where nobody answers", async () => {
    await using page = await openPage({
      intercept: () => async () => {
        throw new ConnectError("away", Code.Unavailable);
      },
    });
    const { result } = page.mount(() => useOperation(Counting, "operations/1"));
    await until(() => result.current.status !== "loading");
    expect([result.current.status, result.current.error?.code]).toEqual(["unknown", Code.Unavailable]);
  });

  it("shows metadata of another type as an error", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    await work.count(1);
    const { result } = page.mount(() => useOperation(SimulateWork, work.name));
    await until(() => result.current.status !== "loading");
    expect([result.current.status, result.current.error]).toMatchObject([
      "unknown",
      expect.any(WrongTypeError),
    ]);
  });
});

describe("useOperationProgress", () => {
  it("renders again only where what it shows has changed", async () => {
    await using page = await openPage();
    const work = await startCounting(page.server.operations.manager);
    let renders = 0;
    const { result } = page.mount(() => {
      renders += 1;
      return useOperationProgress(Counting, work.name, ({ value }) => Math.floor(value / 10));
    });
    const other = page.mount(() => useOperation(Counting, work.name));
    await page.watching(1);
    await work.count(10);
    await until(() => result.current === 1);
    const rendered = renders;
    for (let count = 11; count < 20; count++) {
      await work.count(count);
      await until(() => other.result.current.metadata?.value === count);
    }
    expect([renders, result.current]).toEqual([rendered, 1]);
  });
});
