import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Code } from "@connectrpc/connect";
import { UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import type { Authenticate } from "../../src/access/authenticate.ts";
import { type JwtOptions, jwtBearer } from "../../src/access/jwt/jwt-bearer.ts";
import { FakeClock } from "../../src/testing/index.ts";
import { errorInfosOf, refusalOf } from "../service/refusal.ts";
import { openFolder } from "./open-folder.ts";
import { AUDIENCE, CLOUD_PLATFORM, ISSUER, openTokenIssuer, type TokenIssuer } from "./token-issuer.ts";

const NOW_S = () => Math.floor(Date.now() / 1_000);

describe("a bearer token", () => {
  let issuer: TokenIssuer;
  let authenticate: Authenticate;

  beforeAll(async () => {
    issuer = await openTokenIssuer();
    authenticate = jwtBearer(options(issuer));
  });
  afterAll(() => issuer[Symbol.asyncDispose]());

  it("says whose call it is, by its issuer and subject", async () => {
    expect(await identified(authenticate, await issuer.token("alice"))).toMatchObject({
      id: `${ISSUER}#alice`,
      scopes: [CLOUD_PLATFORM],
    });
  });

  it.each([
    ["one claim with spaces", { scope: "a b" }, ["a", "b"]],
    ["a list", { scope: undefined, scp: ["a", "b"] }, ["a", "b"]],
    ["no claim", { scope: undefined }, []],
  ])("has the scopes of %s", async (_, claims, scopes) => {
    expect((await identified(authenticate, await issuer.token("alice", claims)))?.scopes).toEqual(scopes);
  });

  it("is not looked for where a call has other credentials", async () => {
    expect(await authenticate(head("Basic YTpi"))).toBeUndefined();
  });

  it.each<[what: string, make: () => Promise<string>, reason: string, message: string]>([
    [
      "has expired",
      () => issuer.token("alice", { exp: NOW_S() - 60 }),
      "ACCESS_TOKEN_EXPIRED",
      "the access token has expired",
    ],
    [
      "never expires",
      () => issuer.token("alice", { exp: undefined }),
      "ACCESS_TOKEN_INVALID",
      'the access token has a claim "exp" that is missing or not accepted',
    ],
    [
      "is not good yet",
      () => issuer.token("alice", { nbf: NOW_S() + 60 }),
      "ACCESS_TOKEN_INVALID",
      'the access token has a claim "nbf" that is missing or not accepted',
    ],
    [
      "is for somebody else",
      () => issuer.token("alice", { aud: "https://other.example" }),
      "ACCESS_TOKEN_INVALID",
      'the access token has a claim "aud" that is missing or not accepted',
    ],
    [
      "is of another issuer",
      () => issuer.token("alice", { iss: "https://other.example" }),
      "ACCESS_TOKEN_INVALID",
      'the access token has a claim "iss" that is missing or not accepted',
    ],
    [
      "has no subject",
      () => issuer.token("alice", { sub: undefined }),
      "ACCESS_TOKEN_INVALID",
      "the access token does not say whose it is",
    ],
    ...[["alice"], { name: "alice" }, 5].map((sub): [string, () => Promise<string>, string, string] => [
      `has ${JSON.stringify(sub)} as its subject, which is no text`,
      () => issuer.token("alice", { sub }),
      "ACCESS_TOKEN_INVALID",
      "the access token does not say whose it is",
    ]),
    [
      "is signed by nobody",
      async () => new UnsecuredJWT({ iss: ISSUER, aud: AUDIENCE, sub: "alice", exp: NOW_S() + 60 }).encode(),
      "ACCESS_TOKEN_INVALID",
      "the access token is signed by an algorithm that is not allowed",
    ],
    [
      "was changed",
      async () => changed(await issuer.token("alice")),
      "ACCESS_TOKEN_INVALID",
      "the access token has a signature that does not hold",
    ],
    ["is no JWT", async () => "opaque", "ACCESS_TOKEN_INVALID", "the access token is no signed JWT"],
  ])("is refused that %s", async (_, make, reason, message) => {
    const error = await refusalOf(identified(authenticate, await make()));
    expect([error.code, error.rawMessage, errorInfosOf(error)[0]?.reason]).toEqual([
      Code.Unauthenticated,
      message,
      reason,
    ]);
  });

  it("is refused that another issuer has signed in this one's name", async () => {
    await using other = await openTokenIssuer();
    const error = await refusalOf(identified(authenticate, await other.token("alice")));
    expect(error.rawMessage).toBe("the access token is signed with a key that is not known");
  });

  it("may have expired by less than the clocks may differ", async () => {
    const token = await issuer.token("alice", { exp: NOW_S() - 10 });
    expect((await identified(authenticate, token))?.id).toBe(`${ISSUER}#alice`);
  });
});

describe("a bearer token that was believed", () => {
  it("is believed until it ends, and no longer", async () => {
    await using issuer = await openTokenIssuer();
    const clock = new FakeClock();
    const authenticate = jwtBearer({ ...options(issuer), clock, clockToleranceMs: 0 });
    const exp = clock.wallMs() / 1_000 + 30;
    const token = await issuer.token("alice", { exp });
    await identified(authenticate, token);
    clock.advance(30_000);
    expect((await refusalOf(identified(authenticate, token))).rawMessage).toBe(
      "the access token has expired",
    );
  });

  it("is verified again after a minute", async () => {
    await using issuer = await openTokenIssuer();
    const clock = new FakeClock();
    let verified = 0;
    const idOf = () => `alice, ${++verified}`;
    const authenticate = jwtBearer({ ...options(issuer), clock, idOf });
    const token = await issuer.token("alice", { exp: clock.wallMs() / 1_000 + 3_600 });
    const seen: unknown[] = [];
    for (const laterMs of [0, 59_000, 1_000, 59_000]) {
      clock.advance(laterMs);
      seen.push((await identified(authenticate, token))?.id);
    }
    expect(seen).toEqual(["alice, 1", "alice, 1", "alice, 2", "alice, 2"]);
  });

  it("is known among thousands, and is not verified again", async () => {
    await using issuer = await openTokenIssuer("ES256");
    let verified = 0;
    const idOf = ({ sub }: { sub?: string }) => {
      verified++;
      return sub;
    };
    const authenticate = jwtBearer({ ...options(issuer), idOf });
    const subjects = Array.from({ length: 300 }, (_, i) => `caller ${i}`);
    const tokens = await Promise.all(subjects.map((subject) => issuer.token(subject)));
    for (let round = 0; round < 3; round++) {
      const all = await Promise.all(tokens.map((token) => identified(authenticate, token)));
      expect(all.map((principal) => principal?.id)).toEqual(subjects);
    }
    expect(verified).toBe(300);
  });

  it("lets its caller in without a turn of the event loop", async () => {
    await using issuer = await openTokenIssuer();
    const authenticate = jwtBearer(options(issuer));
    const call = head(`Bearer ${await issuer.token("alice")}`);
    const first = await authenticate(call);
    expect(authenticate(call)).toBe(first);
  });
});

describe("the keys of an issuer", () => {
  it("are asked for once by URL", async () => {
    await using issuer = await openTokenIssuer();
    const authenticate = jwtBearer(options(issuer));
    for (const subject of ["a", "b", "c"]) await identified(authenticate, await issuer.token(subject));
    expect(issuer.asked).toBe(1);
  });

  it("are not available where nobody answers for them, which is no fault of the caller", async () => {
    const issuer = await openTokenIssuer();
    const authenticate = jwtBearer(options(issuer));
    const token = await issuer.token("alice");
    await issuer[Symbol.asyncDispose]();
    const error = await refusalOf(identified(authenticate, token));
    expect([error.code, errorInfosOf(error)[0]?.reason]).toEqual([
      Code.Unavailable,
      "AUTHENTICATION_UNAVAILABLE",
    ]);
  });

  it("are read from a file, and again when they were exchanged", async () => {
    await using issuer = await openTokenIssuer();
    await using folder = await openFolder();
    const keys = join(folder.path, "keys.json");
    await writeFile(keys, JSON.stringify(issuer.jwks));
    const clock = new FakeClock();
    const authenticate = jwtBearer({ ...options(issuer), keys, clock });
    const exp = clock.wallMs() / 1_000 + 3_600;
    await identified(authenticate, await issuer.token("alice", { exp }));
    await issuer.rotate();
    await writeFile(keys, JSON.stringify(issuer.jwks));
    clock.advance(30_000);
    expect((await identified(authenticate, await issuer.token("alice", { exp })))?.id).toBe(
      `${ISSUER}#alice`,
    );
  });

  it("are each tried where a token does not name its own", async () => {
    await using issuer = await openTokenIssuer();
    const [old] = issuer.jwks.keys.map(({ kid: _, ...key }) => key);
    await issuer.rotate();
    const [next] = issuer.jwks.keys.map(({ kid: _, ...key }) => key);
    if (old === undefined || next === undefined) throw new Error("an issuer has a key");
    const authenticate = jwtBearer({ ...options(issuer), keys: { keys: [old, next] } });
    const token = await issuer.token("alice", {}, undefined);
    expect((await identified(authenticate, token))?.id).toBe(`${ISSUER}#alice`);
    const refused = await Promise.all(
      [changed(token), await issuer.token("alice", { aud: "other" }, undefined)].map((one) =>
        refusalOf(identified(authenticate, one)),
      ),
    );
    expect(refused.map(({ rawMessage }) => rawMessage)).toEqual([
      "the access token has a signature that does not hold",
      'the access token has a claim "aud" that is missing or not accepted',
    ]);
  });

  it("are not fetched without TLS from another machine", () => {
    const keys = new URL("http://issuer.example/keys");
    expect(() => jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys })).toThrow(
      'keys cannot be fetched from "http://issuer.example": the URL must be https',
    );
  });
});

function options(issuer: TokenIssuer): JwtOptions {
  return { issuer: ISSUER, audience: AUDIENCE, keys: issuer.url };
}

function head(authorization: string) {
  const header = new Headers({ authorization });
  return { method: Operations.method.getOperation, header, certificate: undefined };
}

async function identified(authenticate: Authenticate, token: string) {
  return authenticate(head(`Bearer ${token}`));
}

/** The token with another subject. */
function changed(token: string): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const other = Buffer.from(JSON.stringify({ ...claims, sub: "mallory" })).toString("base64url");
  return [header, other, signature].join(".");
}
