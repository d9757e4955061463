import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CallHead } from "../../src/access/authenticate.ts";
import { jwtBearer } from "../../src/access/jwt/index.ts";
import { AUDIENCE, ISSUER, openTokenIssuer, type TokenIssuer } from "../access/token-issuer.ts";
import { type OpenServer, openServer } from "../server/open-server.ts";
import { until } from "../until.ts";
import { openConfigFolder } from "./config-folder.ts";
import { type Ended, runCli, startCli } from "./run-cli.ts";

let issuer: TokenIssuer;
let server: OpenServer;
let token: string;
let expired: string;

beforeAll(async () => {
  issuer = await openTokenIssuer();
  const authenticate = jwtBearer({ issuer: ISSUER, audience: AUDIENCE, keys: issuer.url });
  server = await openServer({ create: { access: { authenticate } } });
  token = await issuer.token("alice");
  expired = await issuer.token("alice", { exp: 1 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
});

describe("a token", () => {
  it("comes from LONGRUNNING_TOKEN", async () => {
    expect((await run(["list"], { LONGRUNNING_TOKEN: token })).code).toBe(0);
  });

  it.each(["connect", "grpc-web"])("is sent over %s too", async (protocol) => {
    expect((await run(["list", "--protocol", protocol], { LONGRUNNING_TOKEN: token })).code).toBe(0);
  });

  it("is asked for where there is none", async () => {
    const { code, err } = await run(["list"]);
    expect([code, err]).toEqual([
      5,
      expect.stringMatching(
        /^UNAUTHENTICATED: .*; LONGRUNNING_TOKEN, or tokenCommand in a profile, has the token of calls\n$/,
      ),
    ]);
  });

  it("that has expired is named as the reason", async () => {
    const { code, err } = await run(["list"], { LONGRUNNING_TOKEN: expired });
    expect([code, err]).toEqual([
      5,
      expect.stringMatching(
        /^UNAUTHENTICATED: .*; the token in LONGRUNNING_TOKEN may have expired, or be for another server\n$/,
      ),
    ]);
  });

  it("that could not be sent is refused, and not shown", async () => {
    const { code, err } = await run(["list", "--debug"], { LONGRUNNING_TOKEN: "one two" });
    expect([code, err.split("\n")[0], err.includes("one two")]).toEqual([
      2,
      "LONGRUNNING_TOKEN is no token: a token is one word of ASCII",
      false,
    ]);
  });

  it("is not sent in clear text to another machine", async () => {
    expect(await runCli(["list", "--server", "http://192.0.2.1"], { LONGRUNNING_TOKEN: token })).toEqual({
      ...{ code: 2, out: "" },
      err: "the token would go to http://192.0.2.1 in clear text; https://… keeps it secret, --insecure sends it\n",
    });
  });

  it.each([["list", "--debug"], ["get", "nothing", "--debug"], ["config"]])(
    "is not shown by %s %s %s",
    async (...args) => {
      const { out, err } = await run(
        args.filter((arg) => arg !== undefined),
        { LONGRUNNING_TOKEN: expired },
      );
      expect((out + err).includes(expired)).toBe(false);
    },
  );

  it("is not shown where a server quotes it", async () => {
    const authenticate = ({ header }: CallHead) => {
      throw new ConnectError(`no idea of ${header.get("authorization")}`, Code.Unauthenticated);
    };
    await using server = await openServer({ create: { access: { authenticate } } });
    const { err } = await runCli(["list", "--debug", "--server", server.url], {
      LONGRUNNING_TOKEN: "hunter2",
    });
    expect(err.includes("hunter2")).toBe(false);
  });
});

describe("a command that answers with a token", () => {
  it.each([
    ["a list of words", (file: string) => JSON.stringify(["cat", file])],
    ["a line for the shell", (file: string) => JSON.stringify(`cat "${file}" | cat`)],
  ])("is %s", async (_, command) => {
    await using folder = await openConfigFolder();
    const file = await folder.write("token", `${token}\n`);
    await folder.write("config.yaml", profileWith(command(file)));
    expect((await runCli(["list"], folder.env)).code).toBe(0);
  });

  it("runs again where its token was refused", async () => {
    await using folder = await openConfigFolder();
    const stale = await folder.write("stale", expired);
    const fresh = await folder.write("fresh", token);
    await folder.write(
      "config.yaml",
      profileWith(JSON.stringify(`cat "${stale}" && cp "${fresh}" "${stale}"`)),
    );
    expect((await runCli(["list"], folder.env)).code).toBe(0);
  });

  it.each(["grpc", "connect", "grpc-web"])("runs again for a watch over %s too", async (protocol) => {
    await using folder = await openConfigFolder();
    const stale = await folder.write("stale", expired);
    const fresh = await folder.write("fresh", token);
    await folder.write(
      "config.yaml",
      profileWith(JSON.stringify(`cat "${stale}" && cp "${fresh}" "${stale}"`)),
    );
    const flags = ["--no-reflection", "--protocol", protocol];
    await using watching = startCli(["list", "--watch", ...flags], folder.env);
    await until(() => server.operations.watch?.watching === 1, 10_000);
    watching.process.kill("SIGINT");
    expect((await watching.ended).code).toBe(130);
  });

  it("runs twice, and no more, where the server refuses every token", async () => {
    await using folder = await openConfigFolder();
    const count = join(folder.path, "count");
    await folder.write("config.yaml", profileWith(JSON.stringify(`echo run >> ${count}; echo ${expired}`)));
    const { code } = await runCli(["list", "--no-reflection"], folder.env);
    expect([code, await readFile(count, "utf8")]).toEqual([5, "run\nrun\n"]);
  });

  it.each([
    [["/nowhere/program"], "names a program that is not there"],
    ["exit 3", "ended with 3"],
    ["echo please log in >&2; exit 1", "ended with 1: please log in"],
  ])("is refused where it is %j", async (command, sentence) => {
    await using folder = await openConfigFolder(profileWith(JSON.stringify(command)));
    expect(await runCli(["list"], folder.env)).toEqual({
      ...{ code: 2, out: "" },
      err: `tokenCommand of profile "here" ${sentence}\n`,
    });
  });

  it("prints nothing that is shown where it is no token", async () => {
    await using folder = await openConfigFolder(profileWith('"echo two words"'));
    expect((await runCli(["list", "--debug"], folder.env)).err.split("\n")[0]).toBe(
      'what tokenCommand of profile "here" prints is no token: a token is one word of ASCII',
    );
  });

  it("is not run for a server that is not the profile's", async () => {
    await using folder = await openConfigFolder();
    const count = join(folder.path, "count");
    await folder.write("config.yaml", profileWith(JSON.stringify(`echo run >> ${count}; echo token`)));
    await runCli(["list", "--server", "http://127.0.0.1:1"], folder.env);
    await expect(readFile(count, "utf8")).rejects.toThrow("ENOENT");
  });

  it("is named by config without its arguments", async () => {
    await using folder = await openConfigFolder(profileWith('"printf hunter2"'));
    const { out } = await runCli(["config"], folder.env);
    expect([out.includes("(what printf … prints)"), out.includes("hunter2")]).toEqual([true, false]);
  });
});

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runCli([...args, "--server", server.url], env);
}

function profileWith(tokenCommand: string): string {
  return `profile: here\nprofiles: {here: {server: "${server.url}", tokenCommand: ${tokenCommand}}}\n`;
}
