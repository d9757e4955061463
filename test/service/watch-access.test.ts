import { Code } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Authenticate } from "../../src/access/authenticate.ts";
import { systemClock } from "../../src/time/clock.ts";
import { type OpenService, openService } from "./open-service.ts";
import { grpc, protocols } from "./protocols.ts";
import { refusalOf } from "./refusal.ts";
import { watching } from "./watching.ts";

/** Takes a header's word for who calls, and for the scopes they have. */
const authenticate: Authenticate = ({ header }) => {
  const id = header.get("x-user");
  const scopes = header.get("x-scope")?.split(" ");
  return id === null ? undefined : { id, ...(scopes && { scopes }) };
};

const alice = { "x-user": "alice" };
const bob = { "x-user": "bob" };

describe.each(protocols)("two tenants who watch over $name", (protocol) => {
  let service: OpenService;

  beforeAll(async () => {
    service = await openService(protocol, { clock: systemClock, access: { authenticate } });
  });
  afterAll(() => service[Symbol.asyncDispose]());

  async function start(headers: HeadersInit): Promise<string> {
    return (await service.simulator.simulateWork({ duration: { seconds: 600n } }, { headers })).name;
  }

  function watch(request: Parameters<typeof watching>[1], headers: HeadersInit) {
    return watching(service.connection.transport, request, { headers });
  }

  it("see their own alone", async () => {
    const own = await start(bob);
    await start(alice);
    await using events = watch({}, bob);
    const snapshot = await events.upTo("complete");
    await start(alice);
    const next = await start(bob);
    const fresh = await events.next();
    await service.client.deleteOperation({ name: own }, { headers: bob });
    expect([snapshot, fresh, await events.upTo(`gone ${own} DELETED`)]).toEqual([
      [`${own} running`, "complete"],
      `${next} running`,
      expect.not.arrayContaining([expect.stringContaining("alice")]),
    ]);
    await service.client.deleteOperation({ name: next }, { headers: bob });
  });

  it("are refused the other's by name as GetOperation refuses it", async () => {
    const name = await start(alice);
    const got = await refusalOf(service.client.getOperation({ name }, { headers: bob }));
    const watched = await refusalOf(watch({ names: [name] }, bob).next());
    expect([watched.code, watched.rawMessage]).toEqual([got.code, got.rawMessage]);
  });

  it("are refused all names where one is the other's", async () => {
    const names = [await start(bob), await start(alice)];
    expect((await refusalOf(watch({ names }, bob).next())).code).toBe(Code.PermissionDenied);
  });

  it("are asked who they are", async () => {
    expect((await refusalOf(watch({}, {}).next())).code).toBe(Code.Unauthenticated);
  });
});

describe("who may watch", () => {
  it.each([
    ["https://www.googleapis.com/auth/cloud-platform.read-only", "complete"],
    ["https://www.googleapis.com/auth/devstorage", Code.PermissionDenied],
  ])("with the scope %s is told", async (scope, outcome) => {
    await using service = await openService(grpc, { clock: systemClock, access: { authenticate } });
    await using events = watching(
      service.connection.transport,
      {},
      { headers: { ...alice, "x-scope": scope } },
    );
    const told = await events.next().catch(({ code }) => code);
    expect(told).toBe(outcome);
  });

  it("and loses sight of what they may not see any more", async () => {
    let maySee = true;
    const authorize = ({ action }: { action: string }) => action !== "get" || maySee;
    await using service = await openService(grpc, {
      clock: systemClock,
      access: { authenticate, authorize },
    });
    const { name } = await service.simulator.simulateWork(
      { duration: { seconds: 600n } },
      { headers: alice },
    );
    await using events = watching(service.connection.transport, {}, { headers: alice });
    await events.upTo("complete");
    maySee = false;
    await service.client.cancelOperation({ name }, { headers: alice });
    expect(await events.next()).toBe(`gone ${name} UNMATCHED`);
  });

  it("may list what they watch", async () => {
    const authorize = ({ parent }: { parent: string }) => parent === "projects/mine";
    await using service = await openService(grpc, {
      clock: systemClock,
      access: { authenticate, authorize },
    });
    const denied = watching(service.connection.transport, { parent: "projects/other" }, { headers: alice });
    await using events = watching(
      service.connection.transport,
      { parent: "projects/mine" },
      { headers: alice },
    );
    expect([await events.next(), (await refusalOf(denied.next())).code]).toEqual([
      "complete",
      Code.PermissionDenied,
    ]);
  });
});
