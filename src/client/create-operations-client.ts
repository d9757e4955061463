import { type Client, createClient, type Transport } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";

/**
 * A client of google.longrunning.Operations that can watch too: a handle that has one hears of progress at once, where
 * the server offers `longrunning.v1.OperationsWatchService`, and asks for it where not.
 */
export function createOperationsClient(
  transport: Transport,
): Client<typeof Operations> & Client<typeof OperationsWatchService> {
  return { ...createClient(Operations, transport), ...createClient(OperationsWatchService, transport) };
}
