import "./dom.js";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { useDeleteOperation, useOperation } from "../../src/react/index.ts";
import { Counting } from "../client/scripted-server.ts";
import { until } from "../until.ts";
import { type OpenPage, openPage } from "./open-page.ts";
import { startCounting } from "./start-counting.ts";

it("has the server forget an operation, and whoever shows it hears so", async () => {
  await using page = await openPage();
  const work = await startCounting(page.server.operations.manager);
  const { result } = mountBoth(page, work.name);
  await page.watching(1);
  result.current.remove.mutate({ name: work.name });
  await until(() => result.current.operation.status === "unknown");
  expect([result.current.operation.error, await page.server.store.get(work.name)]).toMatchObject([
    { code: Code.NotFound },
    undefined,
  ]);
});

it("leaves what is done as it was for whoever shows it", async () => {
  await using page = await openPage();
  const work = await startCounting(page.server.operations.manager);
  const { result } = mountBoth(page, work.name);
  work.succeed("yes");
  await until(() => result.current.operation.done);
  result.current.remove.mutate({ name: work.name });
  await until(() => result.current.remove.isSuccess);
  expect([result.current.operation.response?.value, await page.server.store.get(work.name)]).toEqual([
    "yes",
    undefined,
  ]);
});

it("is tried again where the server was not available", async () => {
  let tries = 0;
  await using page = await openPage({
    intercept: (next) => async (request) => {
      if (request.method.name === "DeleteOperation" && ++tries === 1)
        throw new ConnectError("away", Code.Unavailable);
      return await next(request);
    },
  });
  const work = await startCounting(page.server.operations.manager);
  const { result } = page.mount(() => useDeleteOperation());
  result.current.mutate({ name: work.name });
  await until(() => result.current.isSuccess);
  expect(tries).toBe(2);
});

it("tells what it is refused with", async () => {
  await using page = await openPage();
  const { result } = page.mount(() => useDeleteOperation());
  result.current.mutate({ name: "operations/missing" });
  await until(() => result.current.isError);
  expect(result.current.error?.code).toBe(Code.NotFound);
});

function mountBoth(page: OpenPage, name: string) {
  return page.mount(() => ({ operation: useOperation(Counting, name), remove: useDeleteOperation() }));
}
