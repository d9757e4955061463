import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { Operations } from "longrunning/client";
import { SimulatorService } from "longrunning/testing";
import { afterAll, describe, expect, it } from "vitest";
import { root } from "./source-process.ts";

describe.each(["SIGTERM", "SIGINT"] as const)("npm start, stopped by %s", (signal) => {
  it("answers who waits, and ends with exit code 0", async () => {
    const npm = await npmStart(await newStore());
    const transport = createGrpcTransport({ baseUrl: npm.url });
    const operations = createClient(Operations, transport);
    const { name } = await createClient(SimulatorService, transport).simulateWork({
      duration: { seconds: 600n },
    });
    const waiting = operations.waitOperation({ name });
    // On the same connection, and so behind the wait.
    await operations.getOperation({ name });
    npm.process.kill(signal);
    expect(await waiting.then(({ done }) => done)).toBe(false);
    expect(await npm.exited).toBe(0);
  });

  it("leaves no server behind", async () => {
    const npm = await npmStart(await newStore());
    npm.process.kill(signal);
    await npm.exited;
    await expect(fetch(npm.url)).rejects.toThrow("fetch failed");
  });
});

it("starts twice at once", async () => {
  const both = await Promise.all([npmStart("memory"), npmStart("memory")]);
  const answers = await Promise.all(both.map(({ url }) => fetch(url)));
  for (const { process } of both) process.kill("SIGTERM");
  await Promise.all(both.map(({ exited }) => exited));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
});

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** The address of a store that nobody has used yet. */
async function newStore(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-start-"));
  folders.push(folder);
  return `sqlite:${folder}/operations.db`;
}

/** Runs `npm start` on a port and a store of its own, and waits until it listens. */
async function npmStart(store: string) {
  const process = spawn("npm", ["start", "--", "--port", "0", "--store", store], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(process, "close").then(([code]) => code as number | null);
  for await (const line of createInterface(process.stdout)) {
    const url = /^listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return { process, url, exited };
  }
  throw new Error("npm start ended before it listened");
}
