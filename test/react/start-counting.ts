import type { OperationManager } from "../../src/manager/operation-manager.ts";
import { Counting } from "../client/scripted-server.ts";

/** Work whose steps the test takes. */
export interface CountingWork {
  readonly name: string;
  count(value: number): Promise<void>;
  succeed(value: string): void;
  fail(error: Error): void;
}

/** Starts work that does what the test says, and stops at once when it is cancelled. */
export async function startCounting(manager: OperationManager): Promise<CountingWork> {
  const end = Promise.withResolvers<{ value: string }>();
  const begun = Promise.withResolvers<(metadata: { value: number }) => Promise<void>>();
  const { name } = await manager.start(Counting, ({ progress, signal }) => {
    begun.resolve(async (metadata) => await progress(metadata));
    signal.addEventListener("abort", () => end.reject(signal.reason));
    return end.promise;
  });
  const progress = await begun.promise;
  return {
    name,
    count: (value) => progress({ value }),
    succeed: (value) => end.resolve({ value }),
    fail: (error) => end.reject(error),
  };
}
