import type { DescMethod } from "@bufbuild/protobuf";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";

/** The largest request of the services that a server has of itself: names, filters and page tokens are shorter. */
const OWN_MESSAGE_BYTES = 64 * 1024;

const OWN_SERVICES: readonly string[] = [
  Operations.typeName,
  OperationsWatchService.typeName,
  Health.typeName,
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

/**
 * The largest request of a method, in bytes, where no request may be larger than `readMaxBytes`. Parsing JSON holds up
 * all other callers, and these methods are open to everybody who may call at all.
 */
export function messageLimit({ parent }: DescMethod, readMaxBytes = Number.POSITIVE_INFINITY): number {
  return OWN_SERVICES.includes(parent.typeName) ? Math.min(readMaxBytes, OWN_MESSAGE_BYTES) : readMaxBytes;
}
