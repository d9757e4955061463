import { create } from "@bufbuild/protobuf";
import {
  type WatchOperationsResponse,
  type WatchOperationsResponse_End_Reason,
  type WatchOperationsResponse_Gone_Reason,
  WatchOperationsResponseSchema,
} from "../../gen/longrunning/v1/watch_pb.ts";
import type { StoredOperation } from "../operation/stored-operation.ts";

/** An operation as it is now. Its message is the frozen one. */
export function shownEvent({ message }: StoredOperation): WatchOperationsResponse {
  return create(WatchOperationsResponseSchema, { event: { case: "operation", value: message } });
}

/** An operation that is shown no more. */
export function goneEvent(
  name: string,
  reason: WatchOperationsResponse_Gone_Reason,
): WatchOperationsResponse {
  return create(WatchOperationsResponseSchema, { event: { case: "gone", value: { name, reason } } });
}

/** All that there was has been told. */
export function completeEvent(): WatchOperationsResponse {
  return create(WatchOperationsResponseSchema, { event: { case: "snapshotComplete", value: {} } });
}

/** Nothing has changed. */
export function keepAliveEvent(): WatchOperationsResponse {
  return create(WatchOperationsResponseSchema, { event: { case: "keepAlive", value: {} } });
}

/** The last event. */
export function endEvent(reason: WatchOperationsResponse_End_Reason): WatchOperationsResponse {
  return create(WatchOperationsResponseSchema, { event: { case: "end", value: { reason } } });
}
