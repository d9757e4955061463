import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { OperationCancelledError, OperationHandle } from "longrunning/client";
import { SimulateWork } from "longrunning/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newFolder } from "../store/sqlite/open-sqlite-store.ts";
import { until } from "../until.ts";
import { connectTo, type ReferenceServer, startReferenceServer } from "./reference-server.ts";
import { runSource } from "./source-process.ts";

const FLAGS = ["--simulator", "--port", "0", "--processes", "2"];

describe.each(["memory", "sqlite"])("two processes of one server, over %s", (kind) => {
  let server: ReferenceServer;
  /** A second connection, which the other process has: they take turns. */
  let other: Pick<ReferenceServer, "operations" | "simulator">;

  beforeAll(async () => {
    const store = kind === "memory" ? kind : `sqlite:${join(await newFolder(), "operations.db")}`;
    server = await startReferenceServer(...FLAGS, "--store", store);
    await server.operations.listOperations({ name: "operations" });
    other = connectTo(server.url);
    await other.operations.listOperations({ name: "operations" });
  }, 60_000);

  afterAll(() => server.process[Symbol.asyncDispose]());

  it("let an operation be waited for at one that runs at the other", async () => {
    const { name } = await server.simulator.simulateWork({ duration: { seconds: 1n }, payload: "here" });
    const handle = new OperationHandle(other.operations, SimulateWork, name);
    expect((await handle.result()).payload).toBe("here");
  });

  it("let an operation be cancelled at one that runs at the other", async () => {
    const { name } = await server.simulator.simulateWork({ duration: { seconds: 600n } });
    const handle = new OperationHandle(server.operations, SimulateWork, name);
    await other.operations.cancelOperation({ name });
    await expect(handle.result()).rejects.toBeInstanceOf(OperationCancelledError);
  });
});

describe("a server of several processes", () => {
  it("puts another in the place of one that dies", async () => {
    await using server = await startReferenceServer(...FLAGS, "--store", "memory");
    const [first = 0] = await childrenOf(server.process.process.pid ?? 0);
    process.kill(first, "SIGKILL");
    const said = await server.process.line(/another takes its place/);
    await until(async () => (await childrenOf(server.process.process.pid ?? 0)).length === 2);
    expect(said).toBe(`process ${first} has ended by SIGKILL; another takes its place`);
  });

  it("stops as one does", async () => {
    await using server = await startReferenceServer(...FLAGS, "--store", "memory");
    server.process.process.kill("SIGTERM");
    expect(await server.process.exit()).toBe(0);
  });

  it("does not begin where one of them cannot", async () => {
    const taken = createServer();
    await once(taken.listen(0, "127.0.0.1"), "listening");
    const { port } = taken.address() as AddressInfo;
    await using server = runSource("examples/reference-server.ts", [
      ...["--store", "memory", "--processes", "2", "--port", String(port)],
    ]);
    const code = await server.exit();
    taken.close();
    expect(code).toBe(1);
  });
});

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return children.split(" ").filter(Boolean).map(Number);
}
