import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../examples/source-process.ts";
import { type OpenServer, openServer, RUNNING, TLS } from "../server/open-server.ts";
import { runCli, startCli } from "./run-cli.ts";
import { openRudeServer, openSilentServer, openWebServer } from "./strange-servers.ts";

const CERT = fileURLToPath(new URL("../server/fixtures/cert.pem", import.meta.url));
const PROTOCOLS = ["grpc", "connect", "grpc-web"];

describe("a server that cannot be called", () => {
  it.each(PROTOCOLS)("is named over %s where nothing listens, with a hint", async (protocol) => {
    expect(await runCli(["list", "--server", "http://127.0.0.1:1", "--protocol", protocol])).toEqual({
      ...{ code: 5, out: "" },
      err: "nothing listens at http://127.0.0.1:1; longrunning serve starts a server, --server names another one\n",
    });
  });

  it("is named where its host is not known", async () => {
    expect(await runCli(["list", "--server", "http://nowhere.invalid"])).toMatchObject({
      code: 5,
      err: "the host of http://nowhere.invalid is not known; --server names another one\n",
    });
  });

  it.each(PROTOCOLS)("is told from one of operations over %s where it has web pages", async (protocol) => {
    await using web = await openWebServer((_, response) => {
      response.setHeader("content-type", "text/html").end("<h1>hello</h1>");
    });
    const { code, err } = await runCli(["list", "--server", web.url, "--protocol", protocol]);
    expect([code, err.split(" (")[0]]).toEqual([
      5,
      `${web.url} does not answer as a google.longrunning server over ${protocol}`,
    ]);
  });

  it.each(PROTOCOLS)(
    "is told from one of operations over %s where it knows no such path",
    async (protocol) => {
      await using web = await openWebServer((_, response) => {
        response.statusCode = 404;
        response.end("not here");
      });
      const { code, err } = await runCli(["list", "--server", web.url, "--protocol", protocol]);
      expect([code, err.split(" (")[0]]).toEqual([
        5,
        `${web.url} does not answer as a google.longrunning server over ${protocol}`,
      ]);
    },
  );

  it.each(PROTOCOLS)("is told from one of operations over %s where it speaks no HTTP", async (protocol) => {
    await using mail = await openRudeServer();
    const { code, err } = await runCli(["list", "--server", mail.url, "--protocol", protocol]);
    expect([code, err.split(" (")[0]]).toEqual([
      5,
      `${mail.url} does not answer as a google.longrunning server over ${protocol}`,
    ]);
  });

  it("ends at once by Ctrl-C where it does not answer", async () => {
    await using silent = await openSilentServer();
    await using run = startCli(["wait", RUNNING, "--server", silent.url]);
    await silent.connected;
    run.process.kill("SIGINT");
    expect((await run.ended).code).toBe(130);
  });

  it("says in one line what is wrong, and with --debug where it came from", async () => {
    const { err } = await runCli(["list", "--server", "http://127.0.0.1:1", "--debug"]);
    expect(err).toMatch(/^nothing listens.*\ncode: UNAVAILABLE \(14\)\nConnectError: [\s\S]*\n {4}at /);
  });
});

describe("a server with TLS", () => {
  let server: OpenServer;
  beforeAll(async () => {
    server = await openServer({ tls: TLS });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const call = (...flags: string[]) =>
    runCli(["get", RUNNING, "--server", `https://localhost:${server.port}`, ...flags]);

  it.each(PROTOCOLS)("is not trusted over %s where nobody vouches for it", async (protocol) => {
    const { code, err } = await call("--protocol", protocol);
    expect([code, err]).toEqual([
      5,
      `the certificate of https://localhost:${server.port} is not trusted (depth zero self signed cert); --ca FILE names whom to trust, --insecure trusts anybody\n`,
    ]);
  });

  it.each(PROTOCOLS)("is called over %s where its certificate is named", async (protocol) => {
    expect((await call("--protocol", protocol, "--ca", CERT)).code).toBe(0);
  });

  it("is called where any certificate is taken", async () => {
    expect((await call("--insecure")).code).toBe(0);
  });

  it("is told from one without", async () => {
    await using plain = await openServer();
    const url = `https://127.0.0.1:${plain.port}`;
    expect((await runCli(["list", "--server", url])).err).toBe(
      `${url} does not speak TLS; --server http://127.0.0.1:${plain.port} calls it without\n`,
    );
  });

  it("refuses files that are none of TLS", async () => {
    expect(await call("--ca", "/nowhere/ca.pem")).toMatchObject({
      code: 2,
      err: 'ca "/nowhere/ca.pem" of --ca cannot be read: ENOENT\n',
    });
  });
});

describe("what cannot be understood", () => {
  it.each([
    [[], "no command is given; longrunning --help lists them"],
    [["lst"], "unknown command 'lst' (Did you mean list?); --help lists what there is"],
    [["get"], "missing required argument 'name'; --help lists what there is"],
    [
      ["get", "a", "b"],
      "too many arguments for 'get'. Expected 1 argument but got 2: a, b.; --help lists what there is",
    ],
    [["list", "--nonsense"], "unknown option '--nonsense'; --help lists what there is"],
    [
      ["list", "--output", "xml"],
      "option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are table, yaml, json.; --help lists what there is",
    ],
    [
      ["list", "--limit", "0"],
      "option '--limit <number>' argument '0' is invalid. It is not more than 0.; --help lists what there is",
    ],
    [["wait", "a", "--timeout", "soon"], '--timeout "soon" is not a duration such as 90s, 4m or 30d'],
    [["wait", "a", "--timeout", "0s"], '--timeout "0s" is no time at all'],
    [
      ["list", "--server", "here"],
      '--server "here" is not the address of a server; http://127.0.0.1:8080 is one',
    ],
    [
      ["list", "--server", "http://me:secret@127.0.0.1"],
      "--server has a user or a password in it; LONGRUNNING_TOKEN is for tokens",
    ],
    [["list", "--key", "a.pem"], "--cert and --key go together"],
    [
      ["--no-color", "serve", "--port", "0"],
      "serve comes first, and takes the flags of a server; longrunning serve --help lists them",
    ],
    [["serve", "--nonsense"], "Unknown option '--nonsense'; --help lists the options"],
  ])("ends with 2 and one line: %j", async (args, line) => {
    expect(await runCli(args)).toEqual({ code: 2, out: "", err: `${line}\n` });
  });
});

describe("help", () => {
  it.each([["--help"], ["wait", "--help"], ["help", "list"]])(
    "goes to the output: %s %s",
    async (...args) => {
      const { code, out } = await runCli(args.filter((arg) => arg !== undefined));
      expect([code, out.split(" ").slice(0, 2)]).toEqual([0, ["Usage:", "longrunning"]]);
    },
  );

  it("has the package's version beside it", async () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
    expect((await runCli(["--version"])).out).toBe(`${version}\n`);
  });

  it("of serve is that of the server, under its own name", async () => {
    expect((await runCli(["serve", "--help"])).out).toMatch(/^usage: longrunning serve \[options\]\n/);
  });
});
