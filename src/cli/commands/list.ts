import { type Operation, OperationSchema } from "../../../gen/google/longrunning/operations_pb.ts";
import { listOperations } from "../../client/list-operations.ts";
import { plainText } from "../../server/plain-text.ts";
import { UsageError } from "../../server/usage-error.ts";
import { systemClock } from "../../time/clock.ts";
import { CALL, type Connection } from "../connection.ts";
import { ExitCode } from "../exit-code.ts";
import { Interrupt } from "../interrupt.ts";
import type { Invocation } from "../invocation.ts";
import { createListPrinter, type ListForm, type ListPrinter } from "../list-printer.ts";
import type { OperationsWatch } from "../operations-watch.ts";
import { PollingWatch } from "../polling-watch.ts";
import { readPositiveDuration } from "../positive-duration.ts";
import { StreamedWatch } from "../streamed-watch.ts";

/** Which operations are listed, and how. */
export interface ListFlags {
  readonly output: ListForm;
  readonly parent: string;
  readonly filter: string;
  readonly pageSize: number;
  readonly limit?: number;
  readonly watch?: boolean;
  readonly interval: string;
}

/** So many operations are printed at a time: the first ones say how wide the columns are. */
const BATCH = 500;

/** Prints operations, and with `watch` each that changes, until Ctrl-C. */
export async function list(run: Invocation, flags: ListFlags): Promise<ExitCode> {
  const intervalMs = readPositiveDuration("--interval", flags.interval);
  if (flags.watch && flags.limit !== undefined)
    throw new UsageError("--limit and --watch do not go together");
  using connection = await run.connect();
  const printer = createListPrinter(flags.output, run.screen, connection.types, flags.watch ?? false);
  if (!flags.watch) return await listOnce(run, connection, printer, flags);
  const { operations } = connection;
  const polling = new PollingWatch(operations, systemClock, intervalMs);
  const streamed = new StreamedWatch((...args) => operations.watchOperations(...args), systemClock, polling);
  return await watch(streamed, connection, printer, flags);
}

async function listOnce(
  { screen }: Invocation,
  { operations, types }: Connection,
  printer: ListPrinter,
  { parent, filter, pageSize, limit = Number.POSITIVE_INFINITY }: ListFlags,
): Promise<ExitCode> {
  const onUnreachable = (names: readonly string[]) =>
    screen.say(plainText(`not all are listed: ${names.join(", ")} cannot be reached`));
  const query = { name: parent, filter, pageSize: Math.min(pageSize, limit) };
  const listed = listOperations(operations, query, { ...CALL, maxAttempts: 1, onUnreachable });
  let batch: Operation[] = [];
  const print = async () => {
    await types.learn(OperationSchema, ...batch);
    printer.add(batch);
    batch = [];
  };
  let count = 0;
  for await (const operation of listed) {
    count += 1;
    batch.push(operation);
    if (batch.length >= BATCH) await print();
    if (count === limit) break;
  }
  await print();
  printer.end();
  if (count === 0) screen.say("no operations");
  return ExitCode.success;
}

async function watch(
  watch: OperationsWatch,
  { types }: Connection,
  printer: ListPrinter,
  { parent, filter }: ListFlags,
): Promise<ExitCode> {
  using interrupt = new Interrupt();
  try {
    for await (const { changed, gone } of watch.changes({ parent, filter }, interrupt.signal)) {
      await types.learn(OperationSchema, ...changed);
      printer.add(changed, gone);
    }
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    return ExitCode.interrupted;
  }
  return ExitCode.success;
}
