import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { packed } from "../../src/operation/encoded-message.ts";
import { reportProgress } from "../../src/operation/transition.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { update } from "../../src/store/update.ts";
import { type OpenServer, openServer, RUNNING } from "../server/open-server.ts";
import { finish } from "../service/stored.ts";
import { listeningUrl, runCli, startCli } from "./run-cli.ts";
import { keep, keepSamples } from "./sample-operations.ts";
import { openSilentServer } from "./strange-servers.ts";

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
  await keepSamples(server.store);
});
afterAll(() => server[Symbol.asyncDispose]());

describe("longrunning wait", () => {
  it("ends with 0 once the operation has succeeded, and prints its response", async () => {
    const { code, out } = await run(
      "simulate",
      "--duration",
      "300ms",
      "--payload",
      "hello",
      "--wait",
      "-o",
      "json",
    );
    expect([code, JSON.parse(out)]).toEqual([
      0,
      { "@type": "type.googleapis.com/longrunning.testing.v1.SimulateWorkResponse", payload: "hello" },
    ]);
  });

  it("hears of the end when it comes, and not when it looks again", async () => {
    await keep(server.store, "ending", 0);
    await using waiting = startCli(["wait", "ending", "--interval", "10m", "--server", server.url]);
    await waiting.said(/running/);
    await finish(server.store, "operations/ending", "hello");
    expect(parse((await waiting.ended).out).payload).toBe("hello");
  });

  it("ends with 1 where the operation has failed, and says how, with a hint", async () => {
    expect(await run("wait", "refused")).toEqual({
      ...{ code: 1, out: "" },
      err: "operations/refused failed with INVALID_ARGUMENT: there are no pages; longrunning get operations/refused shows all of it\n",
    });
  });

  it("shows the details of the operation's error with --debug", async () => {
    expect((await run("wait", "refused", "--debug")).err).toContain(
      'detail: {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"pages","description":"is 0"}]}',
    );
  });

  it("ends with 3 where the operation was cancelled", async () => {
    expect(await run("wait", "cancelled")).toMatchObject({
      code: 3,
      err: "operations/cancelled was cancelled: the caller asked for it; longrunning get operations/cancelled shows all of it\n",
    });
  });

  it("ends with 4 where its time is up, and says how to come back", async () => {
    expect(await run("wait", RUNNING, "--timeout", "200ms", "--quiet")).toEqual({
      ...{ code: 4, out: "" },
      err: `gave up after 200ms; ${RUNNING} goes on, and longrunning wait ${RUNNING} --server ${server.url} comes back to it\n`,
    });
  });

  it("ends with 4 where its time is up before a server has answered that never does", async () => {
    await using silent = await openSilentServer();
    expect((await runCli(["wait", RUNNING, "--timeout", "500ms", "--server", silent.url])).code).toBe(4);
  });

  it("ends with 5 where there is no such operation", async () => {
    expect(await run("wait", "nothing")).toEqual({
      ...{ code: 5, out: "" },
      err: 'NOT_FOUND: operation "operations/nothing" is not found; longrunning list shows which operations there are\n',
    });
  });

  it("ends with 5 where the operation is deleted while it is waited for", async () => {
    await keep(server.store, "short", 0);
    await using waiting = startCli(["wait", "short", "--server", server.url]);
    await waiting.said(/running/);
    await server.store.delete("operations/short");
    expect((await waiting.ended).code).toBe(5);
  });

  it("says that the operation goes on after Ctrl-C, and how to come back, and ends with 130", async () => {
    await using waiting = startCli(["wait", RUNNING, "--server", server.url]);
    await waiting.said(/writing page 3/);
    waiting.process.kill("SIGINT");
    const { code, err } = await waiting.ended;
    expect([code, err.split("\n").at(-2)]).toEqual([
      130,
      `stopped waiting; ${RUNNING} goes on, and longrunning wait ${RUNNING} --server ${server.url} comes back to it`,
    ]);
  });

  it("leaves the operation alone when it is stopped by Ctrl-C", async () => {
    await using waiting = startCli(["wait", RUNNING, "--server", server.url]);
    await waiting.said(/writing page 3/);
    waiting.process.kill("SIGINT");
    await waiting.ended;
    expect((await server.store.get(RUNNING))?.cancelRequested).toBe(false);
  });

  it("goes on waiting when the server restarts, and hears what has become of the operation", async () => {
    const folder = await mkdtemp(join(tmpdir(), "longrunning-cli-"));
    const flags = ["serve", "--simulator", "--store", `sqlite:${join(folder, "operations.db")}`];
    await using first = startCli([...flags, "--port", "0"]);
    const url = await listeningUrl(first);
    const { out: name } = await runCli(["simulate", "--duration", "10m", "--server", url]);
    await using waiting = startCli(["wait", name.trim(), "--server", url]);
    await waiting.said(/0%/);
    first.process.kill("SIGKILL");
    await first.ended;
    await using second = startCli([...flags, "--port", new URL(url).port, "--lease", "1s"]);
    await listeningUrl(second);
    expect((await waiting.ended).err).toMatch(/ failed with ABORTED: /);
    second.process.kill("SIGTERM");
    await second.ended;
    await rm(folder, { recursive: true });
  });

  it("says a line for each change where there is no terminal", async () => {
    await keep(server.store, "stepping", 0);
    await using waiting = startCli(["wait", "stepping", "--interval", "20ms", "--server", server.url]);
    await waiting.said(/^running/);
    const half = packed(SimulateWork.metadata, { stepsDone: 1, stepsTotal: 2 });
    await update(server.store, "operations/stepping", reportProgress(half));
    await waiting.said(/50%/);
    await finish(server.store, "operations/stepping");
    const { err } = await waiting.ended;
    expect(err).toMatch(/^running {2}0s so far\n50% {2}1 of 2 steps {2}\ds so far\n$/);
  });

  it("tells what is done, of how much, and of what, as far as the metadata says it", async () => {
    const { err } = await run("wait", RUNNING, "--timeout", "100ms");
    expect(err.split("\n")[0]).toBe("25%  3 of 12 pages  0s so far  writing page 3");
  });

  it("says nothing of progress with --quiet", async () => {
    expect((await run("simulate", "--duration", "200ms", "--wait", "--quiet")).err).toMatch(
      /^started operations\/\w+\n$/,
    );
  });
});

describe("longrunning cancel and delete", () => {
  it("asks the work to stop", async () => {
    const { out } = await run("simulate", "--duration", "10m");
    await run("cancel", out.trim());
    expect((await run("wait", out.trim())).code).toBe(3);
  });

  it("deletes every name that is given", async () => {
    await keep(server.store, "one", 0);
    await keep(server.store, "two", 0);
    const { err } = await run("delete", "one", "operations/two");
    expect(err).toBe("deleted operations/one\ndeleted operations/two\n");
  });

  it("goes on to the next name where one is not there, and ends with 5", async () => {
    await keep(server.store, "three", 0);
    const { code } = await run("delete", "nothing", "three");
    expect([code, await server.store.get("operations/three")]).toEqual([5, undefined]);
  });
});

describe("longrunning simulate", () => {
  it("prints the name of an operation, for a shell to keep", async () => {
    const { out } = await run("simulate", "--duration", "0s");
    expect(out).toMatch(/^operations\/[0-9a-f]{32}\n$/);
  });

  it("starts work that fails as it is told to", async () => {
    expect(
      (await run("simulate", "--duration", "0s", "--fail", "not_found: no such report", "--wait")).err,
    ).toContain("failed with NOT_FOUND: no such report;");
  });

  it("refuses a code that there is not", async () => {
    expect(await run("simulate", "--fail", "BROKEN")).toEqual({
      ...{ code: 2, out: "" },
      err: '--fail "BROKEN" is not CODE or CODE:MESSAGE; NOT_FOUND is a code\n',
    });
  });
});

function run(...args: string[]) {
  return runCli([...args, "--server", server.url]);
}
