import { durationFromMs } from "@bufbuild/protobuf/wkt";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Server } from "./server.ts";

/** Starts work, each piece with a payload of its own, and waits for it: `ends` are the operations when it is done. */
export async function startWork(server: Server, count: number, durationMs: number, payload = "payload") {
  const started: Operation[] = [];
  for (let i = 0; i < count; i++) {
    const duration = durationFromMs(durationMs);
    started.push(await server.simulator.simulateWork({ duration, payload: `${payload} ${i}` }));
  }
  const timeout = durationFromMs(60_000);
  const ends = Promise.all(started.map(({ name }) => server.operations.waitOperation({ name, timeout })));
  return { names: started.map(({ name }) => name), ends };
}

/** How often each operation has changed since it was new, and how often its work was begun again. */
export async function changesOf(file: string, names: readonly string[]): Promise<Set<string>> {
  await using store = await SqliteStore.open(file);
  const kept = await Promise.all(names.map((name) => store.get(name)));
  return new Set(
    kept.map(
      (stored) =>
        `${(stored?.revision ?? 0) - 1} changes, ${Math.max((stored?.attempt ?? 0) - 1, 0)} restarts`,
    ),
  );
}
