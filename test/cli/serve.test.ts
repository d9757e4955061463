import { describe, expect, it } from "vitest";
import { listeningUrl, runCli, startCli } from "./run-cli.ts";

const FLAGS = ["serve", "--port", "0", "--store", "memory"];

describe("longrunning serve", () => {
  it("runs a server until it is told to stop, and ends with 0", async () => {
    await using serving = startCli(FLAGS);
    await listeningUrl(serving);
    serving.process.kill("SIGTERM");
    expect((await serving.ended).code).toBe(0);
  });

  it("has the simulator where that is asked for", async () => {
    await using serving = startCli([...FLAGS, "--simulator"]);
    const url = await listeningUrl(serving);
    expect((await runCli(["simulate", "--duration", "0s", "--wait", "--server", url])).code).toBe(0);
  });

  it("does not have it otherwise, and says so", async () => {
    await using serving = startCli(FLAGS);
    const url = await listeningUrl(serving);
    expect(await runCli(["simulate", "--server", url])).toMatchObject({
      code: 5,
      err: expect.stringMatching(/^UNIMPLEMENTED: .*; the server does not offer this\n$/),
    });
  });

  it("runs as several processes", async () => {
    await using serving = startCli([...FLAGS, "--processes", "2"]);
    const [line] = await serving.printed(/^listening on .*\n/);
    serving.process.kill("SIGTERM");
    expect([line, (await serving.ended).code]).toEqual([expect.stringContaining(" with 2 processes"), 0]);
  });
});
