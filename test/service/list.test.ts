import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { ListOperationsRequest } from "../../gen/google/longrunning/operations_pb.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { ListQuery } from "../../src/store/operation-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { type OpenService, openService } from "./open-service.ts";
import { protocols } from "./protocols.ts";
import { refusalOf, violatedFieldsOf } from "./refusal.ts";
import { keepMany, keepRunning, step } from "./stored.ts";

type Page = Partial<Pick<ListOperationsRequest, "name" | "pageSize" | "pageToken" | "filter">>;

const PARENT = "projects/p/locations/l";

/** Notes how many operations it is asked for. */
class CountedStore extends MemoryStore {
  readonly limits: number[] = [];

  override list(query: ListQuery) {
    this.limits.push(query.limit);
    return super.list(query);
  }
}

describe.each(protocols)("ListOperations over $name", (protocol) => {
  it("shows the newest first, and of one time by name, byte for byte", async () => {
    await using service = await openService(protocol);
    // In UTF-16 the last two would stand the other way round.
    const ids = ["new", "Z", "a", "b", "é", "\uff5a", "🙂", "old"];
    for (const id of ids.toReversed()) await keepRunning(service.store, { id, createTimeMs: timeOf(id) });
    expect(await namesIn(service, {})).toEqual(ids.map((id) => `operations/${id}`));
  });

  it.each(["", "operations"])('shows the top level, and nothing below, for the name "%s"', async (name) => {
    await using service = await openService(protocol);
    const top = await keepRunning(service.store);
    await keepRunning(service.store, { parent: PARENT });
    expect(await namesIn(service, { name })).toEqual([top]);
  });

  it.each([PARENT, `${PARENT}/operations`])(
    'shows those of a parent alone for the name "%s"',
    async (name) => {
      await using service = await openService(protocol);
      const own = await keepRunning(service.store, { parent: PARENT });
      await keepRunning(service.store);
      await keepRunning(service.store, { parent: "projects/p" });
      await keepRunning(service.store, { parent: `${PARENT}x` });
      expect(await namesIn(service, { name })).toEqual([own]);
    },
  );

  it.each([
    "operations/x",
    "operations/",
    "/operations",
    "projects//operations",
    "projects/p/",
    "projects/p/operations/x",
    "operations/operations",
  ])('refuses the name "%s"', async (name) => {
    await using service = await openService(protocol);
    const error = await refusalOf(service.client.listOperations({ name }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["name"]]);
  });

  it("shows 50 a page by default", async () => {
    await using service = await openService(protocol);
    await keepMany(service.store, 51);
    expect(await namesIn(service, {})).toHaveLength(50);
  });

  it.each([1_001, 2 ** 31 - 1])("shows 1,000 a page where %d are asked for", async (pageSize) => {
    await using service = await openService(protocol);
    await keepMany(service.store, 1_002);
    expect(await namesIn(service, { pageSize })).toHaveLength(1_000);
  });

  it.each([-1, -(2 ** 31)])("refuses a page size of %d", async (pageSize) => {
    await using service = await openService(protocol);
    const error = await refusalOf(service.client.listOperations({ pageSize }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["page_size"]]);
  });

  it("honours a page size that changes from page to page", async () => {
    await using service = await openService(protocol);
    const names = await keepMany(service.store, 10);
    const first = await service.client.listOperations({ pageSize: 2 });
    const second = await namesIn(service, { pageSize: 5, pageToken: first.nextPageToken });
    expect(second).toEqual(names.slice(2, 7));
  });

  it("goes on where the page ended when the last of it was deleted meanwhile", async () => {
    await using service = await openService(protocol);
    const names = await keepMany(service.store, 4);
    const { nextPageToken } = await service.client.listOperations({ pageSize: 2 });
    await service.client.deleteOperation({ name: names[1] ?? "" });
    expect(await namesIn(service, { pageSize: 2, pageToken: nextPageToken })).toEqual(names.slice(2));
  });

  it("shows each operation once in a full walk while others are inserted", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const names: string[] = [];
    for (let i = 0; i < 30; i++) {
      names.push(await keepRunning(service.store, { createTimeMs: Math.floor(i / 4) }));
    }
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await service.client.listOperations({ pageSize: 4, pageToken });
      seen.push(...page.operations.map(({ name }) => name));
      pageToken = page.nextPageToken;
      await keepRunning(service.store, { createTimeMs: 1_000 });
      await keepRunning(service.store, { createTimeMs: 3 });
    } while (pageToken !== "");
    const others = seen.filter((name) => !names.includes(name));
    expect([seen.length, seen.filter((name) => names.includes(name)).toSorted()]).toEqual([
      new Set(seen).size,
      names.toSorted(),
    ]);
    expect(others.length).toBeGreaterThan(0);
  });

  it.each([
    [0, 4, [0]],
    [3, 4, [3]],
    [4, 4, [4]],
    [5, 4, [4, 1]],
    [8, 4, [4, 4]],
  ])("ends the walk over %d operations, %d a page, exactly at the end", async (count, pageSize, sizes) => {
    await using service = await openService(protocol);
    await keepMany(service.store, count);
    expect((await pagesOf(service, { pageSize })).map((page) => page.length)).toEqual(sizes);
  });

  it("writes tokens that a URL takes as they are", async () => {
    await using service = await openService(protocol);
    for (let i = 0; i < 40; i++) await keepRunning(service.store, { id: `${i}?&/+ü🙂~ÿ`, parent: PARENT });
    const tokens = await tokensOf(service, { name: PARENT, pageSize: 1 });
    expect(tokens.filter((token) => encodeURIComponent(token) !== token)).toEqual([]);
  });

  it("refuses a token for another name", async () => {
    await using service = await openService(protocol);
    await keepMany(service.store, 3);
    const error = await refusalOf(
      service.client.listOperations({ name: PARENT, pageToken: await tokenOf(service) }),
    );
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["page_token"]]);
  });

  it("takes a token for the same parent in its other form", async () => {
    await using service = await openService(protocol);
    for (const id of ["a", "b"]) await keepRunning(service.store, { id, parent: PARENT });
    const { nextPageToken } = await service.client.listOperations({ name: PARENT, pageSize: 1 });
    const name = `${PARENT}/operations`;
    expect(await namesIn(service, { name, pageToken: nextPageToken })).toEqual([`${PARENT}/operations/b`]);
  });

  it("shows what a filter lets through, page by page", async () => {
    await using service = await openService(protocol);
    const names = await keepMany(service.store, 9);
    for (const name of names) await step(service.store, name, names.indexOf(name));
    const filter = "metadata.steps_done > 2 AND done=false";
    const first = await service.client.listOperations({ filter, pageSize: 4 });
    const rest = await service.client.listOperations({ filter, pageToken: first.nextPageToken });
    const listed = [first, rest].map(({ operations }) => operations.map(({ name }) => name));
    expect([listed, rest.nextPageToken]).toEqual([[names.slice(3, 7), names.slice(7)], ""]);
  });

  it("refuses a token with a filter that it was not made for", async () => {
    await using service = await openService(protocol);
    await keepMany(service.store, 3);
    const call = service.client.listOperations({ filter: "done=true", pageToken: await tokenOf(service) });
    expect((await refusalOf(call)).code).toBe(Code.InvalidArgument);
  });

  it.each([
    ["garbage", () => "garbage"],
    ["one character", () => "A"],
    ["no base64", () => "\u{1f642}%%"],
    ["so many zeros", () => "A".repeat(64)],
    ["very long garbage", () => "A".repeat(50_000)],
    ["a token with its first character changed", (token: string) => flipped(token, 0)],
    ["a token with one in the middle changed", (token: string) => flipped(token, token.length >> 1)],
    ["a token with its last character changed", (token: string) => flipped(token, token.length - 1)],
    ["a token without its end", (token: string) => token.slice(0, -4)],
    ["a token with more behind it", (token: string) => `${token}AAAA`],
    ["a token in padded base64", (token: string) => `${token}=`],
    ["a token with a blank before it", (token: string) => ` ${token}`],
    ["a position that nobody signed", () => Buffer.from('[0,"operations/0000"]').toString("base64url")],
  ])("refuses %s as a token", async (_what, made) => {
    await using service = await openService(protocol);
    await keepMany(service.store, 3);
    const pageToken = made(await tokenOf(service));
    const error = await refusalOf(service.client.listOperations({ pageToken }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["page_token"]]);
  });

  it("reads across parents where a segment is -", async () => {
    await using service = await openService(protocol);
    const parents = ["projects/p", "projects/q", "projects/p/locations/l", ""];
    const started = await Promise.all(
      parents.map(async (parent) => (await service.simulator.simulateWork({ parent })).name),
    );
    const { operations } = await service.client.listOperations({ name: "projects/-/operations" });
    expect(operations.map(({ name }) => name).toSorted()).toEqual(started.slice(0, 2).toSorted());
  });

  it("refuses a token of a server with another key", async () => {
    await using service = await openService(protocol);
    const pageTokenKeys = [new Uint8Array(32).fill(7)];
    await using other = await openService(protocol, { pageTokenKeys, store: service.store });
    await keepMany(service.store, 3);
    const error = await refusalOf(service.client.listOperations({ pageToken: await tokenOf(other) }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["page_token"]]);
  });

  it("takes a token of another server of its store", async () => {
    await using service = await openService(protocol);
    await using other = await openService(protocol, { store: service.store });
    const names = await keepMany(service.store, 3);
    expect(await namesIn(service, { pageToken: await tokenOf(other) })).toEqual(names.slice(1));
  });

  it("takes a token of the key before, and writes with the new one", async () => {
    const [before, after] = [new Uint8Array(32).fill(7), new Uint8Array(32).fill(8)];
    await using old = await openService(protocol, { pageTokenKeys: [before] });
    const { store } = old;
    await using rotated = await openService(protocol, { pageTokenKeys: [after, before], store });
    await using rotatedFully = await openService(protocol, { pageTokenKeys: [after], store });
    const names = await keepMany(store, 3);
    const pages = [
      await namesIn(rotated, { pageToken: await tokenOf(old) }),
      await namesIn(rotatedFully, { pageToken: await tokenOf(rotated) }),
    ];
    expect(pages).toEqual([names.slice(1), names.slice(1)]);
  });

  it("takes a token for three days, and then no longer", async () => {
    const clock = new FakeClock();
    await using service = await openService(protocol, { clock });
    const names = await keepMany(service.store, 3);
    const pageToken = await tokenOf(service);
    clock.advance(3 * 24 * 3_600_000);
    expect(await namesIn(service, { pageToken })).toEqual(names.slice(1));
    clock.advance(1);
    const error = await refusalOf(service.client.listOperations({ pageToken }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["page_token"]]);
  });

  it("shows no name in a token", async () => {
    await using service = await openService(protocol);
    const names = await keepMany(service.store, 3);
    const bytes = Buffer.from(await tokenOf(service), "base64url").toString("latin1");
    expect(names.filter((name) => bytes.includes(name))).toEqual([]);
  });

  it("takes a token of a server with the same key", async () => {
    const pageTokenKeys = [new Uint8Array(32).fill(7)];
    await using service = await openService(protocol, { pageTokenKeys });
    await using other = await openService(protocol, { pageTokenKeys, store: service.store });
    const names = await keepMany(service.store, 3);
    expect(await namesIn(service, { pageToken: await tokenOf(other) })).toEqual(names.slice(1));
  });

  it("refuses a filter that cannot be answered", async () => {
    await using service = await openService(protocol);
    const error = await refusalOf(service.client.listOperations({ filter: "colour=red" }));
    expect([error.code, violatedFieldsOf(error)]).toEqual([Code.InvalidArgument, ["filter"]]);
  });

  it("does not offer partial success, rather than ignore it", async () => {
    await using service = await openService(protocol);
    const error = await refusalOf(service.client.listOperations({ returnPartialSuccess: true }));
    expect(error.code).toBe(Code.Unimplemented);
  });

  it("never asks the store for more than one page and one more", async () => {
    const store = new CountedStore();
    await using service = await openService(protocol, { store });
    for (const pageSize of [0, 7, 5_000]) await service.client.listOperations({ pageSize });
    expect(store.limits).toEqual([51, 8, 51]);
  });
});

function timeOf(id: string): number {
  if (id === "new") return 3;
  return id === "old" ? 1 : 2;
}

async function namesIn(service: OpenService, page: Page): Promise<string[]> {
  const { operations } = await service.client.listOperations(page);
  return operations.map(({ name }) => name);
}

async function pagesOf(service: OpenService, request: Page): Promise<string[][]> {
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const page = await service.client.listOperations({ ...request, pageToken });
    pages.push(page.operations.map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return pages;
}

async function tokensOf(service: OpenService, request: Page): Promise<string[]> {
  const tokens: string[] = [];
  let pageToken = "";
  do {
    pageToken = (await service.client.listOperations({ ...request, pageToken })).nextPageToken;
    tokens.push(pageToken);
  } while (pageToken !== "");
  return tokens;
}

/** The token behind the first of the top level. */
async function tokenOf(service: OpenService): Promise<string> {
  return (await service.client.listOperations({ pageSize: 1 })).nextPageToken;
}

function flipped(token: string, at: number): string {
  return `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
}
