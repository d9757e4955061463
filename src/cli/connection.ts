import { type CallOptions, type Client, createClient } from "@connectrpc/connect";
import type { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";
import { createOperationsClient } from "../client/create-operations-client.ts";
import { BearerToken } from "./bearer-token.ts";
import { openTransport } from "./open-transport.ts";
import { ReflectedTypes } from "./reflected-types.ts";
import { type GlobalFlags, readSettings, type Settings } from "./settings.ts";
import { TypeBook } from "./type-book.ts";

/** A server that is called, and what is known of its types. Its connections end with it. */
export interface Connection extends Disposable {
  readonly settings: Settings;
  readonly operations: Client<typeof Operations> & Client<typeof OperationsWatchService>;
  readonly simulator: Client<typeof SimulatorService>;
  readonly types: TypeBook;
}

/** How long a call may take that does not wait for an operation. */
export const CALL_MS = 30_000;

/** The options of such a call. */
export const CALL: CallOptions = { timeoutMs: CALL_MS };

/** Who hears of the settings, and of the token, as soon as they are known: errors are told with the one and without the other. */
export interface ConnectListener {
  settings: Settings | undefined;
  token: BearerToken | undefined;
}

/**
 * Prepares to call the server that is asked for. Calls nobody yet, but for a token, which may
 * take `tokenMs`. Throws a UsageError.
 */
export async function connectTo(
  flags: GlobalFlags,
  env: Readonly<Record<string, string | undefined>>,
  listener: ConnectListener,
  tokenMs?: number,
): Promise<Connection> {
  const settings = await readSettings(flags, env);
  listener.settings = settings;
  const token = settings.token && new BearerToken(settings.token, tokenMs);
  listener.token = token;
  const open = await openTransport(settings, token);
  // Reflection streams both ways, which HTTP/1.1 cannot.
  const told = settings.reflection
    ? await openTransport({ ...settings, protocol: { value: "grpc", from: "reflection" } }, token)
    : undefined;
  await token?.get();
  return {
    settings,
    operations: createOperationsClient(open.transport),
    simulator: createClient(SimulatorService, open.transport),
    types: new TypeBook(told && new ReflectedTypes(told.transport)),
    [Symbol.dispose]() {
      told?.[Symbol.dispose]();
      open[Symbol.dispose]();
    },
  };
}
