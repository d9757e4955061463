import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import type { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import type { OperationManagerOptions } from "../../src/manager/manager-options.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import type { HandlerRun } from "../../src/manager/work.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { until } from "../until.ts";
import { MortalStore } from "./mortal-store.ts";

export const LEASE_MS = 10_000;

/** Work that another server goes on with. */
export const Copy = defineOperationType({
  response: StringValueSchema,
  onServerLoss: { handler: "test.Copy", input: StringValueSchema, maxAttempts: 3 },
});

export type CopyRun = HandlerRun<typeof OperationMetadataSchema, typeof StringValueSchema>;

/** A store that several servers share, and a clock that stands still. */
export function openShared() {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const logged: unknown[] = [];
  const logger = { error: (_: string, cause: unknown) => void logged.push(cause) };
  /** Starts a server on the store. */
  const server = (options: OperationManagerOptions = {}) => {
    const own = new MortalStore(store);
    const manager = new OperationManager(own, { clock, logger, leaseMs: LEASE_MS, ...options });
    return { manager, die: () => own.loseLeases() };
  };
  const now = async (name: string) => {
    const stored = await store.get(name);
    if (stored === undefined) throw new Error(`${name} is not kept`);
    return stored.message;
  };
  const ended = async (name: string) => {
    await until(async () => (await now(name)).done);
    return now(name);
  };
  return { store, clock, logged, server, now, ended };
}

/** The response of an operation that is done. */
export async function responseOf(ended: Promise<{ result: { case: string | undefined; value?: unknown } }>) {
  const { result } = await ended;
  if (result.case !== "response") throw new Error(`there is no response, but ${result.case}`);
  return unpacked(StringValueSchema, result.value as never).value;
}
