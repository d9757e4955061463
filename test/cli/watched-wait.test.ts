import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { CallHead } from "../../src/access/authenticate.ts";
import { packed } from "../../src/operation/encoded-message.ts";
import { reportProgress } from "../../src/operation/transition.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { update } from "../../src/store/update.ts";
import { type OpenServerOptions, openServer } from "../server/open-server.ts";
import { finish } from "../service/stored.ts";
import { until } from "../until.ts";
import { openConfigFolder } from "./config-folder.ts";
import { openProxy } from "./proxy.ts";
import { startCli } from "./run-cli.ts";
import { keep } from "./sample-operations.ts";

const NAME = "operations/watched";
const PROTOCOLS = ["grpc", "connect", "grpc-web"];

/** A server with an operation that runs, and the names of the methods that it was called by. */
async function openCounted({
  create,
  onCall = () => undefined,
}: {
  readonly create?: OpenServerOptions["create"];
  /** Is told of each call before it is answered. */
  readonly onCall?: (method: string, signal: AbortSignal) => Promise<void> | undefined;
} = {}) {
  const calls: string[] = [];
  const counting: Interceptor = (next) => async (request) => {
    calls.push(request.method.name);
    await onCall(request.method.name, request.signal);
    return await next(request);
  };
  const server = await openServer({ create, connect: { interceptors: [counting] } });
  await keep(server.store, "watched", 0);
  return {
    ...server,
    step(stepsDone: number) {
      const metadata = packed(SimulateWork.metadata, { stepsDone, stepsTotal: 4 });
      return update(server.store, NAME, reportProgress(metadata));
    },
    callsOf: (method: string) => calls.filter((call) => call === method).length,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Waits for it, by lines that are said as soon as there is something new. */
function startWaiting(url: string, ...flags: readonly string[]) {
  return startCli(["wait", NAME, "--interval", "20ms", "--server", url, ...flags]);
}

describe("longrunning wait, told by WatchOperations", () => {
  it.each(PROTOCOLS)("has one call for all progress and the end over %s", async (protocol) => {
    await using server = await openCounted();
    await using waiting = startWaiting(server.url, "--protocol", protocol);
    for (const steps of [0, 1, 2, 3]) {
      await server.step(steps);
      await waiting.said(new RegExp(`${steps} of 4 steps`));
    }
    await finish(server.store, NAME, "hello");
    const { code, out } = await waiting.ended;
    const calls = ["GetOperation", "WatchOperations", "WaitOperation"].map(server.callsOf);
    expect([code, parse(out).payload, calls]).toEqual([0, "hello", [1, 1, 0]]);
  });

  it("has no progress to be told of with --quiet, and waits by WaitOperation", async () => {
    await using server = await openCounted();
    await using waiting = startWaiting(server.url, "--quiet");
    await until(() => server.callsOf("WaitOperation") > 0);
    await finish(server.store, NAME);
    expect([(await waiting.ended).code, server.callsOf("WatchOperations")]).toEqual([0, 0]);
  });

  it.each(PROTOCOLS)("is told by another one where a connection was lost over %s", async (protocol) => {
    await using server = await openCounted();
    await using proxy = await openProxy(server.port);
    await using waiting = startWaiting(proxy.url, "--protocol", protocol);
    await until(() => server.operations.watch?.watching === 1);
    await server.step(1);
    await waiting.said(/1 of 4 steps/);
    proxy.cut();
    await until(() => server.callsOf("WatchOperations") === 2);
    await finish(server.store, NAME, "hello");
    const { code, out } = await waiting.ended;
    expect([code, parse(out).payload, server.callsOf("WaitOperation")]).toEqual([0, "hello", 0]);
  });

  it("is told with the next token where its own is refused", async () => {
    // Whoever watches needs the new token, and the old one does for the rest.
    const authenticate = ({ method, header }: CallHead) => {
      const isOld = header.get("authorization") !== "Bearer new";
      if (isOld && method.name === "WatchOperations") throw new ConnectError("over", Code.Unauthenticated);
      return { id: "alice" };
    };
    await using server = await openCounted({ create: { access: { authenticate, authorize: () => true } } });
    await using folder = await openConfigFolder();
    const token = await folder.write("token", "old");
    const command = JSON.stringify(`cat "${token}"; printf new > "${token}"`);
    const profile = `{server: "${server.url}", tokenCommand: ${command}}`;
    await folder.write("config.yaml", `profile: here\nprofiles: {here: ${profile}}\n`);
    await using waiting = startCli(["wait", NAME], folder.env);
    await until(() => server.operations.watch?.watching === 1);
    await finish(server.store, NAME);
    expect([(await waiting.ended).code, server.callsOf("WaitOperation")]).toEqual([0, 0]);
  });
});

describe("longrunning wait, where nothing is told", () => {
  const refused = (code: Code) => async (method: string) => {
    if (method === "WatchOperations") throw new ConnectError("not here", code);
  };
  const silent = (method: string, signal: AbortSignal) =>
    method === "WatchOperations"
      ? new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
      : undefined;

  it.each([
    ["is switched off", { create: { watch: false } }],
    ["is refused", { onCall: refused(Code.PermissionDenied) }],
    ["is taken for a server that is away", { onCall: refused(Code.Unavailable) }],
    ["is held back", { onCall: silent }],
  ])("asks by WaitOperation, and shows the same: the watch %s", async (_, options) => {
    await using server = await openCounted(options);
    await using waiting = startWaiting(server.url);
    await waiting.said(/running/);
    await until(() => server.callsOf("WaitOperation") > 0);
    await server.step(3);
    await waiting.said(/3 of 4 steps/);
    await finish(server.store, NAME, "hello");
    const { code, out, err } = await waiting.ended;
    expect([code, parse(out).payload, err]).toEqual([0, "hello", expect.not.stringContaining("not here")]);
  });

  it("gives up when its time is up, as it does where it is told", async () => {
    await using server = await openCounted({ create: { watch: false } });
    await using waiting = startWaiting(server.url, "--timeout", "1s");
    expect((await waiting.ended).code).toBe(4);
  });
});
