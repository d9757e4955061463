import type { Protocol } from "./protocol.ts";
import type { StartMethod } from "./start-method.ts";

/** A server that is known: how operations are started there, and what is special about it. */
export interface Preset {
  /** The service that it is known by. */
  readonly service: string;
  readonly start: StartMethod;
  readonly restPath?: string | undefined;
  readonly parent?: string | undefined;
  readonly unknownName?: string | undefined;
  /** Headers that it insists on. */
  readonly headers?: Readonly<Partial<Record<Protocol, Readonly<Record<string, string>>>>> | undefined;
}

const FAILURE = { code: 9, message: "the work fails, as it was told to" };

const simulator: Preset = {
  service: "longrunning.testing.v1.SimulatorService",
  start: {
    method: "longrunning.testing.v1.SimulatorService/SimulateWork",
    succeeds: { duration: "0.5s", steps: 2, payload: "conformance" },
    fails: { duration: "0.2s", error: FAILURE },
    lasts: { duration: "600s", steps: 2 },
    refused: { steps: -1 },
  },
};

const showcase: Preset = {
  service: "google.showcase.v1beta1.Echo",
  start: {
    method: "google.showcase.v1beta1.Echo/Wait",
    rest: "POST /v1beta1/echo:wait",
    succeeds: { ttl: "0.5s", success: { content: "conformance" } },
    fails: { ttl: "0.2s", error: FAILURE },
    lasts: { ttl: "600s", success: { content: "conformance" } },
  },
  restPath: "/v1beta1",
  // An operation's name is its request, encoded: most changes of a name are the name of another operation.
  unknownName: "operations/no-such-operation",
  headers: { rest: { "x-goog-api-client": "rest/0 gapic/0" } },
};

/** Servers that need no flags: they are recognized by a service that they have. */
export const PRESETS: readonly Preset[] = [simulator, showcase];
