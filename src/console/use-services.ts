import { useQuery } from "@connectrpc/connect-query";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { OperationsWatchService } from "../../gen/longrunning/v1/watch_pb.ts";

import { POLL_MS } from "./connection-state.ts";
import { mayPass } from "./may-pass.ts";

/** What the server has beside google.longrunning.Operations. */
export interface Services {
  /** Whether operations may be watched; undefined until it is known. */
  readonly watch: boolean | undefined;
  readonly simulator: boolean;
}

/** Asks the server once what it has (grpc.health.v1). Where it does not tell, it is tried whether it can be watched. */
export function useServices(): Services {
  const { data, isError } = useQuery(
    Health.method.list,
    {},
    { refetchInterval: ({ state }) => (mayPass(state.error) ? POLL_MS : false) },
  );
  if (data === undefined) return { watch: isError ? true : undefined, simulator: false };
  return {
    watch: OperationsWatchService.typeName in data.statuses,
    simulator: SimulatorService.typeName in data.statuses,
  };
}
