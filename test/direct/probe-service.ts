import { createRegistry } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { BEHAVIOURS } from "./behaviours.ts";
import { file_probe_v1_probe, type ProbeRequest, type ProbeService } from "./gen/probe/v1/probe_pb.ts";
import type { Journal } from "./journal.ts";

/** The types that the probe's JSON shows in an Any. */
export const PROBE_TYPES = createRegistry(file_probe_v1_probe);

/** Makes a service that does what it is told to, and notes what it saw. */
export function createProbeService(journal: Journal): Partial<ServiceImpl<typeof ProbeService>> {
  // Not async: what a behaviour throws is thrown by the handler itself.
  const call = (request: ProbeRequest, context: HandlerContext) => {
    journal.note("called", request.behaviour, request.text, request.data.byteLength, request.any?.typeUrl);
    if (request.glance === "" || request.glance === "all") journal.look(context);
    if (request.glance === "late") journal.lookLate(context);
    const behaviour = BEHAVIOURS[request.behaviour || "echo"];
    if (behaviour === undefined) throw new Error(`no behaviour is called "${request.behaviour}"`);
    return behaviour(request, context);
  };
  return {
    call,
    look: call,
    async *stream(request, context) {
      yield await call(request, context);
      yield { text: "the second" };
    },
  };
}
