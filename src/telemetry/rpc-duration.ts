import type { Histogram, Meter } from "@opentelemetry/api";

/** What the conventions ask for, in seconds. */
const BOUNDARIES_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** How long calls take, from the side of the server or of the client. */
export function rpcDuration(meter: Meter, side: "client" | "server"): Histogram {
  return meter.createHistogram(`rpc.${side}.call.duration`, {
    unit: "s",
    description: side === "server" ? "How long answering a call took" : "How long a call took",
    advice: { explicitBucketBoundaries: BOUNDARIES_S },
  });
}
