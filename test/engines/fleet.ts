import { create } from "@bufbuild/protobuf";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import type { OperationMetadataSchema } from "../../gen/longrunning/v1/operation_metadata_pb.ts";
import type { Engine } from "../../src/engine/engine.ts";
import type { OperationManagerOptions } from "../../src/manager/manager-options.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import type { Handler, HandlerRun } from "../../src/manager/work.ts";
import { unpacked } from "../../src/operation/encoded-message.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import type { OperationStore } from "../../src/store/operation-store.ts";
import { until } from "../until.ts";

/** The handler of `Copy`. */
export const HANDLER = "test.Copy";

/** Work that is tried three times, and waits a little before it is tried again. */
export const Copy = defineOperationType({
  response: StringValueSchema,
  onServerLoss: {
    handler: HANDLER,
    input: StringValueSchema,
    maxAttempts: 3,
    retry: { firstDelayMs: 400, longestDelayMs: 400 },
  },
});

/** Work of another handler. */
export const Print = defineOperationType({
  response: StringValueSchema,
  onServerLoss: { handler: "test.Print", input: StringValueSchema },
});

export type CopyRun = HandlerRun<typeof OperationMetadataSchema, typeof StringValueSchema>;
export type CopyHandler = Handler<
  typeof StringValueSchema,
  typeof OperationMetadataSchema,
  typeof StringValueSchema
>;

/** Servers and workers that share a store, each with an engine of its own. */
export interface Fleet extends AsyncDisposable {
  readonly store: OperationStore;
  /** What went to the log. */
  readonly logged: { readonly message: string; readonly cause: unknown }[];
  /** A manager that runs no handlers. */
  server(): OperationManager;
  /** A manager that runs this one. */
  worker(
    handler: CopyHandler,
    options?: OperationManagerOptions & { readonly ofCopy?: number },
  ): OperationManager;
  /** The engine of a manager; undefined where it is the built-in one. */
  engineOf(manager: OperationManager): Engine | undefined;
  /** An operation as clients see it. */
  now(name: string): Promise<Operation>;
  /** An operation once it is done. */
  ended(name: string): Promise<Operation>;
}

/** Opens servers and workers with the engines that `makeEngine` makes. They end first, and then the store. */
export function openFleet(
  makeEngine: (logger: OperationManagerOptions["logger"]) => Engine | undefined,
  store: OperationStore = new MemoryStore(),
): Fleet {
  const logged: { message: string; cause: unknown }[] = [];
  const logger = { error: (message: string, cause: unknown) => void logged.push({ message, cause }) };
  const engines = new Map<OperationManager, Engine | undefined>();
  const open = (options: OperationManagerOptions) => {
    const engine = makeEngine(logger);
    const manager = new OperationManager(store, {
      logger,
      engine,
      leaseMs: 2_000,
      graceMs: 2_000,
      ...options,
    });
    engines.set(manager, engine);
    return manager;
  };
  const now = async (name: string) => {
    const stored = await store.get(name);
    if (stored === undefined) throw new Error(`${name} is not kept`);
    return create(OperationSchema, stored.message);
  };
  return {
    store,
    logged,
    server: () => open({ runsHandlers: false }),
    worker(handler, { ofCopy, ...options } = {}) {
      const manager = open(options);
      manager.register(Copy, handler, { concurrency: ofCopy });
      return manager;
    },
    engineOf: (manager) => engines.get(manager),
    now,
    async ended(name) {
      await until(async () => (await now(name)).done, 60_000);
      return now(name);
    },
    async [Symbol.asyncDispose]() {
      for (const [manager, engine] of engines) {
        await manager.close();
        await engine?.[Symbol.asyncDispose]();
      }
      await store[Symbol.asyncDispose]();
    },
  };
}

/** The response of an operation that has succeeded. */
export function responseOf({ result }: Operation): string {
  if (result.case !== "response")
    throw new Error(`there is no response, but ${JSON.stringify(result.value)}`);
  return unpacked(StringValueSchema, result.value).value;
}

/** A promise that a test resolves. */
export const gate = () => Promise.withResolvers<void>();
