import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import { packed } from "../../src/operation/encoded-message.ts";
import { reportProgress } from "../../src/operation/transition.ts";
import { update } from "../../src/store/update.ts";
import { type OpenServer, type OpenServerOptions, openServer } from "../server/open-server.ts";
import { openProxy } from "./proxy.ts";
import { runCli, startCli } from "./run-cli.ts";
import { FOREIGN, HOSTILE, keep, keepSamples } from "./sample-operations.ts";

let server: OpenServer;

beforeAll(async () => {
  server = await openSampleServer();
});
afterAll(() => server[Symbol.asyncDispose]());

describe("longrunning get", () => {
  it.each(["yaml", "json"])("prints an operation as %s", async (form) => {
    const { out } = await run("get", "operations/refused", "--output", form);
    await expect(out).toMatchFileSnapshot(`golden/get.${form}`);
  });

  it("takes ID for operations/ID", async () => {
    expect(parse((await run("get", "running")).out).name).toBe("operations/running");
  });

  it.each(["connect", "grpc", "grpc-web"])("calls over %s", async (protocol) => {
    expect((await run("get", "running", "--protocol", protocol)).code).toBe(0);
  });

  it("takes its flags before the command too", async () => {
    expect((await runCli(["--server", server.url, "get", "running"])).code).toBe(0);
  });

  it("ends with 0 where the operation has failed: the call has not", async () => {
    expect((await run("get", "refused")).code).toBe(0);
  });
});

describe("longrunning list", () => {
  it.each(["table", "yaml", "json"])("prints operations as a %s", async (form) => {
    const { out } = await run("list", "--output", form);
    await expect(out).toMatchFileSnapshot(`golden/list.${form}`);
  });

  it("passes a filter on", async () => {
    const { out } = await run("list", "--filter", "done = true", "--output", "json");
    expect(namesIn(out)).toEqual(["operations/finished", "operations/refused", "operations/cancelled"]);
  });

  it("prints as many as it is limited to", async () => {
    const { out } = await run("list", "--limit", "2", "--output", "json");
    expect(namesIn(out)).toEqual(["operations/running", "operations/waiting"]);
  });

  it("follows pages", async () => {
    const { out } = await run("list", "--page-size", "1", "--output", "json");
    expect(namesIn(out)).toHaveLength(6);
  });

  it("lists what is below a parent", async () => {
    const { out } = await run("list", "--parent", "projects/none", "--output", "json");
    expect(JSON.parse(out)).toEqual([]);
  });

  it("says beside an empty table that there is nothing", async () => {
    expect(await run("list", "--parent", "projects/none")).toEqual({
      code: 0,
      out: "",
      err: "no operations\n",
    });
  });

  it("ends quietly where nobody reads its output to the end", async () => {
    await using listing = startCli(["list", "--watch", "--interval", "10ms", "--server", server.url]);
    await listing.printed(/NAME/);
    listing.process.stdout?.destroy();
    await keep(server.store, "unread", 9);
    const { code, err } = await listing.ended;
    await server.store.delete("operations/unread");
    expect([code, err]).toEqual([0, ""]);
  });
});

describe("longrunning list --watch", () => {
  it.each([
    ["that tells of changes", true],
    ["that has to be asked", false],
  ])("prints what changes at a server %s, and what is gone", async (_, watch) => {
    await using watched = await openSampleServer({ watch });
    const flags = ["--watch", "--interval", "20ms", "--output", "json", "--filter", 'name = "operations/w*"'];
    await using watching = startCli(["list", ...flags, "--server", watched.url]);
    await watching.printed(/waiting/);
    await update(watched.store, "operations/waiting", reportProgress(packed(OperationMetadataSchema, {})));
    await watching.printed(/waiting[\s\S]*waiting/);
    await watched.store.delete("operations/waiting");
    await watching.printed(/gone/);
    watching.process.kill("SIGINT");
    const { out } = await watching.ended;
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line))
        .map(({ name, gone }) => [name, gone]),
    ).toEqual([
      ["operations/waiting", undefined],
      ["operations/waiting", undefined],
      ["operations/waiting", true],
    ]);
  });

  it("goes on after the connection was lost, and prints nothing twice", async () => {
    await using watched = await openSampleServer();
    await using proxy = await openProxy(watched.port);
    const flags = ["--watch", "--interval", "1h", "--output", "json"];
    await using watching = startCli(["list", ...flags, "--server", proxy.url]);
    await watching.printed(/cancelled"/);
    proxy.cut();
    await watched.store.delete("operations/finished");
    await keep(watched.store, "later", 9);
    await watching.printed(/"operations\/finished","gone"/);
    await watched.store.delete("operations/later");
    await watching.printed(/"operations\/later","gone"/);
    watching.process.kill("SIGINT");
    const { out, err } = await watching.ended;
    expect([out.trimEnd().split("\n").length, err]).toEqual([6 + 3, ""]);
  });

  it("says what the server refuses", async () => {
    const { code, err } = await run("list", "--watch", "--filter", "done =");
    expect([code, err]).toEqual([5, expect.stringContaining("INVALID_ARGUMENT")]);
  });

  it("prints a document for each change as YAML", async () => {
    await using watching = startCli(["list", "--watch", "--output", "yaml", "--server", server.url]);
    await watching.printed(/cancelled/);
    watching.process.kill("SIGINT");
    expect(parseAllDocuments((await watching.ended).out)).toHaveLength(6);
  });

  it("ends with 130 after Ctrl-C", async () => {
    await using watching = startCli(["list", "--watch", "--server", server.url]);
    await watching.printed(/cancelled/);
    watching.process.kill("SIGINT");
    await once(watching.process, "exit");
    expect(watching.process.exitCode).toBe(130);
  });

  it("does not go together with --limit", async () => {
    expect(await run("list", "--watch", "--limit", "1")).toEqual({
      ...{ code: 2, out: "" },
      err: "--limit and --watch do not go together\n",
    });
  });
});

describe("what a server says", () => {
  it.each([
    ["list"],
    ["list", "--output", "json"],
    ["list", "--output", "yaml"],
    ["get", "hostile"],
    ["get", "hostile", "--output", "json"],
    ["wait", "hostile", "--timeout", "10ms"],
  ])("moves no cursor: %s %s %s", async (...args) => {
    await using hostile = await openServer();
    await keep(hostile.store, "hostile", 1, packed(OperationMetadataSchema, { message: HOSTILE }));
    const { out, err } = await runCli([...args, "--server", hostile.url]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
    expect((out + err).match(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/g)).toBeNull();
  });

  it.each(["yaml", "json"])("is the same text when its %s is read", async (form) => {
    await using hostile = await openServer();
    await keep(hostile.store, "hostile", 1, packed(OperationMetadataSchema, { message: HOSTILE }));
    const { out } = await runCli(["get", "hostile", "--output", form, "--server", hostile.url]);
    expect(parse(out).metadata.message).toBe(HOSTILE);
  });

  it("of an unknown type is there in base64", async () => {
    expect(parse((await run("get", "refused")).out).metadata).toEqual({
      "@type": FOREIGN.typeUrl,
      value: Buffer.from(FOREIGN.value).toString("base64"),
    });
  });
});

function run(...args: string[]) {
  return runCli([...args, "--server", server.url]);
}

function namesIn(json: string): readonly string[] {
  return JSON.parse(json).map(({ name }: { readonly name: string }) => name);
}

async function openSampleServer(create?: OpenServerOptions["create"]): Promise<OpenServer> {
  const opened = await openServer({ create });
  // The operation that every server under test keeps.
  await opened.store.delete("operations/running");
  await keepSamples(opened.store);
  return opened;
}
