import { Code, type ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { jwtBearer } from "../../src/access/jwt/jwt-bearer.ts";
import { ownerOnly } from "../../src/access/policies.ts";
import { systemClock } from "../../src/time/clock.ts";
import { type OpenService, openService } from "../service/open-service.ts";
import { grpc, protocols } from "../service/protocols.ts";
import { refusalOf } from "../service/refusal.ts";
import { AUDIENCE, ISSUER, openTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

const UNKNOWN = `operations/${"0".repeat(32)}`;

type Heads = { readonly authorization: string };

describe.each(protocols)("two tenants over $name", (protocol) => {
  let issuer: TokenIssuer;
  let service: OpenService;
  let alice: Heads;
  let bob: Heads;

  beforeAll(async () => {
    issuer = await openTokenIssuer();
    service = await openService(protocol, {
      clock: systemClock,
      access: { authenticate: jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: issuer.url }) },
    });
    [alice, bob] = [await issuer.bearer("alice"), await issuer.bearer("bob")];
  });
  afterAll(async () => {
    await service[Symbol.asyncDispose]();
    await issuer[Symbol.asyncDispose]();
  });

  async function start(headers: Heads, requestId = ""): Promise<string> {
    const { simulator } = service;
    return (await simulator.simulateWork({ duration: { seconds: 600n }, requestId }, { headers })).name;
  }

  it.each(["getOperation", "waitOperation", "cancelOperation", "deleteOperation"] as const)(
    "cannot tell by %s what the other has from what nobody has",
    async (rpc) => {
      const name = await start(alice);
      const ask = () => refusalOf(service.client[rpc]({ name }, { headers: bob }));
      const foreign = await ask();
      await service.client.deleteOperation({ name }, { headers: alice });
      expect(bytesOf(await ask())).toEqual(bytesOf(foreign));
      expect([foreign.code, foreign.rawMessage]).toEqual([
        Code.PermissionDenied,
        `permission denied on "${name}" (or it might not exist)`,
      ]);
    },
  );

  it("do with their own what they like", async () => {
    const name = await start(alice);
    const headers = alice;
    await service.client.cancelOperation({ name }, { headers });
    const { done } = await service.client.waitOperation({ name, timeout: { seconds: 5n } }, { headers });
    await service.client.deleteOperation({ name }, { headers });
    expect(done).toBe(true);
  });

  it("list their own alone, page by page", async () => {
    const own = [await start(alice), await start(alice)];
    await start(bob);
    const parent = { name: "operations", pageSize: 1 };
    const names: string[] = [];
    let pageToken = "";
    do {
      const page = await service.client.listOperations({ ...parent, pageToken }, { headers: alice });
      names.push(...page.operations.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(names).toEqual(expect.arrayContaining(own));
    const listed = await Promise.all(names.map(async (name) => (await service.store.get(name))?.principal));
    expect(new Set(listed)).toEqual(new Set([`${ISSUER}#alice`]));
  });

  it("cannot use the other's page tokens", async () => {
    await start(alice);
    await start(alice);
    const { nextPageToken: pageToken } = await service.client.listOperations(
      { pageSize: 1 },
      { headers: alice },
    );
    const error = await refusalOf(service.client.listOperations({ pageToken }, { headers: bob }));
    expect([error.code, pageToken === ""]).toEqual([Code.InvalidArgument, false]);
  });

  it("do not get the other's operation by its request_id, nor hear that there is one", async () => {
    const requestId = crypto.randomUUID();
    const names = [await start(alice, requestId), await start(bob, requestId), await start(alice, requestId)];
    expect([names[0] === names[1], names[0] === names[2]]).toEqual([false, true]);
  });

  it("are asked who they are before what they ask is looked at", async () => {
    const error = await refusalOf(service.client.getOperation({ name: "nonsense" }, { headers: bob }));
    expect(error.code).toBe(Code.PermissionDenied);
  });

  it("are told what they have to do where they bear nothing", async () => {
    const error = await refusalOf(service.client.getOperation({ name: UNKNOWN }));
    expect([error.code, error.metadata.get("www-authenticate")]).toEqual([Code.Unauthenticated, "Bearer"]);
  });
});

describe("two tenants by REST", () => {
  it.each([
    ["GET", ""],
    ["POST", ":wait"],
    ["POST", ":cancel"],
    ["DELETE", ""],
  ])("cannot tell by %s …%s what the other has from what nobody has", async (method, verb) => {
    await using issuer = await openTokenIssuer();
    await using service = await openService(grpc, {
      clock: systemClock,
      access: { authenticate: jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: issuer.url }) },
    });
    const headers = { "content-type": "application/json", ...(await issuer.bearer("bob")) };
    const { name: theirs } = await service.simulator.simulateWork(
      { duration: { seconds: 600n } },
      { headers: await issuer.bearer("alice") },
    );
    const ask = async () => {
      const body = method === "POST" ? { body: "{}" } : {};
      const answer = await fetch(`${service.server.url}/v1/${theirs}${verb}`, { method, headers, ...body });
      return [answer.status, withoutDate(answer.headers), await answer.text()];
    };
    const foreign = await ask();
    await service.client.deleteOperation({ name: theirs }, { headers: await issuer.bearer("alice") });
    expect(await ask()).toEqual(foreign);
    expect(foreign[0]).toBe(403);
  });
});

describe("the work of an operation", () => {
  it("starts operations for whoever started it", async () => {
    await using issuer = await openTokenIssuer();
    await using service = await openService(grpc, {
      clock: systemClock,
      access: {
        authenticate: jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: issuer.url }),
        authorize: ownerOnly(),
      },
    });
    const { name } = await service.simulator.simulateWork({}, { headers: await issuer.bearer("alice") });
    expect((await service.store.get(name))?.principal).toBe(`${ISSUER}#alice`);
  });
});

/** All that a client gets of an error. */
function bytesOf(error: ConnectError) {
  const details = error.details.map((detail) =>
    "type" in detail ? [detail.type, detail.value] : "made here",
  );
  return [error.code, error.rawMessage, withoutDate(error.metadata), details];
}

function withoutDate(headers: Headers): [string, string][] {
  return [...headers].filter(([name]) => name !== "date");
}
