import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { createConnectQueryKey } from "@connectrpc/connect-query";
import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { type Operation, OperationSchema, Operations } from "../../src/client/index.ts";
import { OperationsFeed } from "../../src/react/operations-feed.ts";
import { getOperationOptions } from "../../src/react/query-options.ts";
import { openServer } from "../server/open-server.ts";
import { finish, keepMany } from "../service/stored.ts";
import { until } from "../until.ts";

/** A feed, and the cache that it keeps up to date. */
function openFeed(baseUrl: string) {
  const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true });
  const queryClient = new QueryClient();
  const schema = Operations.method.getOperation;
  const keyOf = (name: string) =>
    createConnectQueryKey({ schema, input: { name }, transport, cardinality: "finite" });
  return {
    feed: new OperationsFeed(queryClient, transport),
    know: (name: string) => queryClient.setQueryData(keyOf(name), create(OperationSchema, { name })),
    known: (name: string) => queryClient.getQueryData<Operation>(keyOf(name)),
  };
}

describe("a feed", () => {
  it("makes a second call for more than a thousand operations", async () => {
    await using server = await openServer();
    const names = await keepMany(server.store, 1_001);
    const { feed, know, known } = openFeed(server.url);
    for (const name of names) know(name);
    const ends = names.map((name) => feed.show(name));
    await until(() => server.operations.watch?.watching === 2);
    for (const name of names) await finish(server.store, name);
    await until(() => names.every((name) => known(name)?.done));
    await until(() => server.operations.watch?.watching === 0);
    for (const end of ends) end();
    expect(names.some((name) => feed.isFollowing(name))).toBe(false);
  });

  it("goes on for the second component where the first one is told twice that it is gone", async () => {
    await using server = await openServer();
    const [first = "", second = ""] = await keepMany(server.store, 2);
    const { feed, know } = openFeed(server.url);
    for (const name of [first, second]) know(name);
    const [end, endOther] = [feed.show(first), feed.show(first)];
    await until(() => feed.isFollowing(first));
    end();
    end();
    const endSecond = feed.show(second);
    await until(() => feed.isFollowing(second));
    expect(feed.isFollowing(first)).toBe(true);
    endOther();
    endSecond();
    await until(() => server.operations.watch?.watching === 0);
  });
});

describe("GetOperation", () => {
  const { refetchInterval } = getOperationOptions(openFeed("http://127.0.0.1:1").feed, "operations/1");
  const after = (code: Code) => ({ state: { data: undefined, error: new ConnectError("scripted", code) } });

  it("is called again where the server could not be reached", () => {
    expect(refetchInterval(after(Code.Unavailable))).toBe(10_000);
  });

  it.each([Code.NotFound, Code.PermissionDenied])("is not called again after %i", (code) => {
    expect(refetchInterval(after(code))).toBe(false);
  });
});
