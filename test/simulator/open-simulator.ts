import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, createClient, createRouterTransport } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import {
  type SimulateWorkMetadata,
  type SimulateWorkRequestSchema,
  SimulatorService,
} from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { createSimulatorService } from "../../src/simulator/simulator-service.ts";
import { openManager } from "../manager/open-manager.ts";
import { metadataOf } from "../service/operation-state.ts";
import { settled } from "../until.ts";

/** A simulator on a clock that stands still. */
export function openSimulator() {
  const opened = openManager({ graceMs: 0 });
  const { clock, manager, now } = opened;
  const client: Client<typeof SimulatorService> = createClient(
    SimulatorService,
    createRouterTransport(({ service }) => service(SimulatorService, createSimulatorService(manager, clock))),
  );
  return {
    ...opened,
    simulate: (request: MessageInitShape<typeof SimulateWorkRequestSchema>) => client.simulateWork(request),
    /** Lets time pass, and what happens in it come to its end. */
    async pass(ms: number) {
      clock.advance(ms);
      await settled();
    },
    async metadata(name: string): Promise<SimulateWorkMetadata> {
      return metadataOf(await now(name));
    },
    async isDone({ name }: Operation): Promise<boolean> {
      return (await now(name)).done;
    },
  };
}
