import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { listOperations, type Operation } from "../../src/client/index.ts";
import { HurriedClock } from "./hurried-clock.ts";
import { clientOf, refuse, rejection, scripted } from "./scripted-server.ts";

interface Page {
  operations: { name: string }[];
  nextPageToken?: string;
  unreachable?: string[];
}

function page(names: string[], nextPageToken = ""): () => Page {
  return () => ({ operations: names.map((name) => ({ name })), nextPageToken });
}

async function namesOf(operations: AsyncIterable<Operation>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of operations) names.push(name);
  return names;
}

describe("listOperations", () => {
  it("lists the operations of all pages, empty ones included", async () => {
    const listOperationsOf = scripted<{ readonly pageToken: string }, Page>(
      page(["operations/1", "operations/2"], "a"),
      page([], "b"),
      page(["operations/3"]),
    );
    const client = clientOf({ listOperations: listOperationsOf });
    expect(await namesOf(listOperations(client))).toEqual(["operations/1", "operations/2", "operations/3"]);
  });

  it("sends the query with every page, and the token of the page before", async () => {
    const method = scripted<{ readonly pageToken: string }, Page>(page(["operations/1"], "a"), page([]));
    await namesOf(listOperations(clientOf({ listOperations: method }), { filter: "done=true", pageSize: 1 }));
    expect(method.calls).toMatchObject([
      { filter: "done=true", pageSize: 1, pageToken: "" },
      { filter: "done=true", pageSize: 1, pageToken: "a" },
    ]);
  });

  it("does not ask for a page before its first operation is wanted", async () => {
    const method = scripted<unknown, Page>(page(["operations/1"], "a"), refuse(Code.Internal));
    for await (const _ of listOperations(clientOf({ listOperations: method }))) break;
    expect(method.calls).toHaveLength(1);
  });

  it("throws where a page's token leads to the same page again", async () => {
    const client = clientOf({ listOperations: page(["operations/1"], "a") });
    expect(await rejection(namesOf(listOperations(client)))).toMatchObject({
      rawMessage: 'page token "a" leads to the same page again',
    });
  });

  it("tries a page again where the server is not available", async () => {
    const method = scripted<unknown, Page>(refuse(Code.Unavailable), page(["operations/1"]));
    const client = clientOf({ listOperations: method });
    expect(await namesOf(listOperations(client, {}, { clock: new HurriedClock() }))).toEqual([
      "operations/1",
    ]);
  });

  it("tells what a page could not reach", async () => {
    const client = clientOf({ listOperations: () => ({ operations: [], unreachable: ["locations/a"] }) });
    const missed: string[] = [];
    const query = { returnPartialSuccess: true };
    await namesOf(listOperations(client, query, { onUnreachable: (names) => missed.push(...names) }));
    expect(missed).toEqual(["locations/a"]);
  });
});
