import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packed } from "../../src/operation/encoded-message.ts";
import { reportProgress } from "../../src/operation/transition.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { update } from "../../src/store/update.ts";
import { root } from "../examples/source-process.ts";
import { type OpenServer, openServer, RUNNING } from "../server/open-server.ts";
import { finish } from "../service/stored.ts";
import { environment, PROGRAM, runCli } from "./run-cli.ts";
import { keep, keepSamples } from "./sample-operations.ts";

/** util-linux runs a program on a terminal of its own, where the machine has it. */
const hasScript = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;

/** How an escape is written in what was shown. */
const ESCAPE = "␛";

let server: OpenServer;

beforeAll(async () => {
  server = await openServer();
  await keepSamples(server.store);
});
afterAll(() => server[Symbol.asyncDispose]());

describe.skipIf(!hasScript)("on a terminal", () => {
  it("draws a bar over the one before", async () => {
    const { shown } = await onTerminal("wait", RUNNING, "--interval", "100ms", "--timeout", "2500ms");
    expect(shown).toMatch(/\r␛\[K\[=======>.*\] {2}25% {2}3 of 12 pages.*\r␛\[K\[=======>.*1s so far/);
  });

  it("moves the bar as soon as the server tells of it, however seldom it would look", async () => {
    await keep(server.store, "moving", 9);
    const name = "operations/moving";
    const half = packed(SimulateWork.metadata, { stepsDone: 1, stepsTotal: 2 });
    const then = [
      [/running/, () => update(server.store, name, reportProgress(half))],
      [/50%/, () => finish(server.store, name)],
    ] as const;
    const { code } = await onTerminal({ then }, "wait", name, "--interval", "10m");
    expect(code).toBe(0);
  });

  it("goes on to tell how long it was waited, however seldom it would look", async () => {
    const { shown } = await onTerminal("wait", RUNNING, "--interval", "10m", "--timeout", "2500ms");
    expect(shown).toContain("1s so far");
  });

  it("takes the bar away before it says what has become of the operation", async () => {
    const { shown } = await onTerminal("wait", RUNNING, "--timeout", "300ms");
    expect(shown).toMatch(/\r␛\[Kgave up after 300ms; [^\r]*\r\n$/);
  });

  it("says after Ctrl-C that the operation goes on", async () => {
    const { code, shown } = await onTerminal({ interruptAt: /25%/ }, "wait", RUNNING);
    expect([code, shown]).toEqual([130, expect.stringContaining(`stopped waiting; ${RUNNING} goes on`)]);
  });

  it("is as wide as the terminal", async () => {
    const { shown } = await onTerminal({ columns: 40 }, "wait", RUNNING, "--timeout", "300ms");
    const bars = shown.split(`\r${ESCAPE}[K`).filter((bar) => bar.startsWith("["));
    expect(new Set(bars.map((bar) => bar.length))).toEqual(new Set([39]));
  });

  it("shows states in colour", async () => {
    expect((await onTerminal("list")).shown).toContain(`${ESCAPE}[31mFAILED    ${ESCAPE}[0m`);
  });

  it.each([
    [["--no-color"], {}],
    [[], { NO_COLOR: "1" }],
    [[], { TERM: "dumb" }],
  ])("has no colours with %j and %j", async (flags, env) => {
    const { shown } = await onTerminal({ env }, "list", ...flags);
    expect(shown.includes(ESCAPE)).toBe(false);
  });

  it("draws no bar where the terminal cannot move its cursor", async () => {
    const { shown } = await onTerminal({ env: { TERM: "dumb" } }, "wait", RUNNING, "--timeout", "300ms");
    expect(shown.split("\r\n")[0]).toBe("25%  3 of 12 pages  0s so far  writing page 3");
  });
});

describe("without a terminal", () => {
  it("has no colours", async () => {
    expect((await runCli(["list", "--server", server.url])).out.includes("\u001b")).toBe(false);
  });
});

interface TerminalOptions {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Ctrl-C is pressed once this is shown. */
  readonly interruptAt?: RegExp;
  /** What happens, one after the other, once this is shown. */
  readonly then?: readonly (readonly [RegExp, () => Promise<unknown>])[];
}

/** Runs `longrunning` on a terminal, and answers all that was shown on it. */
async function onTerminal(
  ...given: readonly [TerminalOptions, ...string[]] | readonly string[]
): Promise<{ readonly code: number | null; readonly shown: string }> {
  const [first, ...rest] = given;
  const options = typeof first === "object" ? first : {};
  const args = typeof first === "string" ? [first, ...rest] : rest;
  const words = [...PROGRAM, ...args, "--server", server.url].map((word) => `'${word}'`).join(" ");
  const command = `stty cols ${options.columns ?? 120}; exec ${words}`;
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    cwd: root,
    env: environment({ TERM: "xterm", ...options.env }),
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  let isInterrupted = false;
  const then = [...(options.then ?? [])];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
    if (then[0]?.[0].test(shown)) void then.shift()?.[1]();
    if (isInterrupted || !options.interruptAt?.test(shown)) return;
    isInterrupted = true;
    child.stdin.write("\u0003");
  });
  const [code] = await once(child, "close");
  return { code, shown: shown.replaceAll("\u001b", ESCAPE) };
}
