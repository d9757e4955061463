import { create } from "@bufbuild/protobuf";
import { type Operation, OperationSchema } from "../../gen/google/longrunning/operations_pb.ts";
import type { ErrorInfo } from "../../gen/google/rpc/error_details_pb.ts";
import type { OperationManagerOptions } from "../../src/manager/manager-options.ts";
import { OperationManager } from "../../src/manager/operation-manager.ts";
import { errorOfStatus } from "../../src/operation/errors.ts";
import { MetadataFillers } from "../../src/operation/metadata-fillers.ts";
import { filling } from "../../src/operation/standard-metadata.ts";
import { requestCancel } from "../../src/operation/transition.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { update } from "../../src/store/update.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";
import { errorInfosOf } from "../service/refusal.ts";
import { until } from "../until.ts";

/** A manager over a store in memory, on a clock that stands still. */
export function openManager<Store extends MemoryStore = MemoryStore>(
  options: OperationManagerOptions & { readonly store?: Store } = {},
) {
  const clock = new FakeClock();
  const store = options.store ?? (new MemoryStore({ clock }) as Store);
  const logged: { message: string; cause: unknown }[] = [];
  const logger = { error: (message: string, cause: unknown) => void logged.push({ message, cause }) };
  const manager = new OperationManager(store, { clock, logger, ...options });
  const { fill } = new MetadataFillers([SimulateWork]);
  const now = async (name: string): Promise<Operation> => {
    const stored = await store.get(name);
    if (stored === undefined) throw new Error(`${name} is not kept`);
    return create(OperationSchema, stored.message);
  };
  return {
    store,
    clock,
    logged,
    manager,
    /** Asks the work to stop, as CancelOperation does. */
    cancel: (name: string) => update(store, name, filling(fill, clock.wallMs(), requestCancel)),
    /** The operation as clients see it now. Throws where it is not kept. */
    now,
    /** The operation once it is done. */
    async ended(name: string): Promise<Operation> {
      await until(async () => (await store.get(name))?.message.done === true);
      return now(name);
    },
  };
}

/** Work that nothing ends. */
export function forever(): Promise<never> {
  return new Promise(() => {});
}

/** The reasons in an operation's error, for machines. */
export function reasonsOf({ result }: Operation): string[] {
  if (result.case !== "error") throw new Error(`the operation has no error, but ${result.case}`);
  return errorInfosOf(errorOfStatus(result.value)).map(({ reason }: ErrorInfo) => reason);
}

/** The code and the message of an operation's error. */
export function errorOf({ result }: Operation): [code: number, message: string] {
  if (result.case !== "error") throw new Error(`the operation has no error, but ${result.case}`);
  return [result.value.code, result.value.message];
}
