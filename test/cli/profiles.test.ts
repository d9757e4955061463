import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type OpenServer, openServer, RUNNING } from "../server/open-server.ts";
import { openConfigFolder } from "./config-folder.ts";
import { runCli } from "./run-cli.ts";

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const ELSEWHERE = "http://127.0.0.1:1";

describe("a profile", () => {
  it.each([
    ["config.yaml", (url: string) => `profile: here\nprofiles: {here: {server: "${url}"}}\n`],
    ["config.yml", (url: string) => `profile: here\nprofiles:\n  here:\n    server: ${url}\n`],
    [
      "config.json",
      (url: string) => JSON.stringify({ profile: "here", profiles: { here: { server: url } } }),
    ],
  ])("says in %s which server is called", async (name, text) => {
    await using folder = await openConfigFolder(text(server.url), name);
    expect((await runCli(["get", RUNNING], folder.env)).code).toBe(0);
  });

  it.each([
    [["--profile", "here"], {}],
    [[], { LONGRUNNING_PROFILE: "here" }],
  ])("is chosen by %j and %j", async (flags, env) => {
    const text = `profile: away\nprofiles: {here: {server: "${server.url}"}, away: {server: "${ELSEWHERE}"}}`;
    await using folder = await openConfigFolder(text);
    expect((await runCli(["get", RUNNING, ...flags], { ...folder.env, ...env })).code).toBe(0);
  });

  it.each([
    ["--config", (file: string) => ({ flags: ["--config", file], env: {} })],
    ["LONGRUNNING_CONFIG", (file: string) => ({ flags: [], env: { LONGRUNNING_CONFIG: file } })],
  ])("is looked for where %s says", async (_, named) => {
    await using folder = await openConfigFolder();
    const file = await folder.write(
      "other.yaml",
      `profile: here\nprofiles: {here: {server: "${server.url}"}}`,
    );
    const { flags, env } = named(file);
    expect((await runCli(["get", RUNNING, ...flags], env)).code).toBe(0);
  });

  it("gives way to a flag and to the environment, and where it is named goes before the environment", async () => {
    await using folder = await openConfigFolder(`profile: away\nprofiles: {away: {server: "${ELSEWHERE}"}}`);
    const servers = [
      await serverOf(["--server", "http://127.0.0.1:2"], folder.env),
      await serverOf([], { ...folder.env, LONGRUNNING_SERVER: "http://127.0.0.1:3" }),
      await serverOf(["--profile", "away"], { ...folder.env, LONGRUNNING_SERVER: "http://127.0.0.1:3" }),
    ];
    expect(servers).toEqual([
      { value: "http://127.0.0.1:2", from: "--server" },
      { value: "http://127.0.0.1:3", from: "LONGRUNNING_SERVER" },
      { value: ELSEWHERE, from: 'profile "away"' },
    ]);
  });

  it("is how a person comes back to what was waited for", async () => {
    await using folder = await openConfigFolder(`profiles: {"my server": {server: "${server.url}"}}`);
    const { err } = await runCli(
      ["wait", RUNNING, "--profile", "my server", "--timeout", "50ms", "--quiet"],
      folder.env,
    );
    expect(err).toContain(`longrunning wait ${RUNNING} --profile 'my server' comes back to it`);
  });
});

describe("the way back to what was waited for", () => {
  it("has the flags that it was waited for with", async () => {
    await using folder = await openConfigFolder();
    const file = await folder.write("other.yaml", `profiles: {here: {server: "${server.url}"}}`);
    const flags = ["--config", file, "--profile", "here", "--protocol", "connect"];
    const { err } = await runCli(["wait", RUNNING, "--timeout", "50ms", "--quiet", ...flags]);
    expect(err).toContain(
      `longrunning wait ${RUNNING} --profile here --protocol connect --config ${file} comes back to it`,
    );
  });
});

describe("a configuration file", () => {
  it.each([
    ["profiles: [a, b", "FILE is no YAML: "],
    ["- a", "configuration file FILE is no mapping"],
    ["profile: a", 'profile in FILE "a" is not a profile; FILE has no profile'],
    ["servers: {}", 'configuration file FILE has the unknown key "servers"; profile and profiles are known'],
    ["profiles: [a]", "profiles in FILE is no mapping of names to settings"],
    ["profiles: {a: 1}", 'profile "a" in FILE is no mapping of settings'],
    ["profiles: {a: {sever: x}}", 'profile "a" in FILE has the unknown setting "sever"; '],
    ["profiles: {a: {server: 1}}", 'server of profile "a" in FILE is no text'],
    [
      "profiles: {a: {protocol: soap}}",
      'protocol of profile "a" in FILE is "soap", which is none of grpc, connect, grpc-web',
    ],
    ["profiles: {a: {insecure: maybe}}", 'insecure of profile "a" in FILE is neither true nor false'],
    [
      "profiles: {a: {tokenCommand: []}}",
      'tokenCommand of profile "a" in FILE is neither a command line nor a list',
    ],
  ])("is refused where it has %s", async (text, sentence) => {
    await using folder = await openConfigFolder();
    const file = await folder.write("config.yaml", text);
    const { code, err } = await runCli(["list"], folder.env);
    expect([code, err]).toEqual([2, expect.stringContaining(sentence.replaceAll("FILE", file))]);
  });

  it("may not hold a token, and one that it holds is not shown", async () => {
    await using folder = await openConfigFolder("profiles: {a: {token: hunter2}}");
    const { err } = await runCli(["list", "--debug"], folder.env);
    expect([err.includes("has a token in it"), err.includes("hunter2")]).toEqual([true, false]);
  });

  it("that is named must be there", async () => {
    expect(await runCli(["list", "--config", "/nowhere/config.yaml"])).toEqual({
      ...{ code: 2, out: "" },
      err: "configuration file /nowhere/config.yaml is not there\n",
    });
  });

  it("names files from where it is", async () => {
    await using folder = await openConfigFolder(
      'profile: a\nprofiles: {a: {server: "https://127.0.0.1:1", ca: ca.pem}}',
    );
    const { out } = await runCli(["config"], folder.env);
    expect(parse(out).ca.value).toBe(`${folder.path}/longrunning/ca.pem`);
  });
});

async function serverOf(flags: readonly string[], env: Record<string, string>): Promise<unknown> {
  return parse((await runCli(["config", ...flags], env)).out).server;
}
