import type { Transport } from "@connectrpc/connect";
import type { Clock } from "../time/clock.ts";
import type { CheckResult } from "./check-result.ts";
import type { Protocol } from "./protocol.ts";
import type { StartFunction, StartMethod } from "./start-method.ts";

/** Which server is checked, and how. Either `baseUrl` or `transport` is given. */
export interface ConformanceOptions {
  /** The server's address, such as `http://127.0.0.1:8080`. */
  readonly baseUrl?: string | undefined;
  /** A transport of Connect to the server, such as one of `createRouterTransport`. */
  readonly transport?: Transport | undefined;
  /** Over what it is asked: all that answer by default. Of a `transport`, what it speaks: `connect` by default. */
  readonly protocol?: Protocol | readonly Protocol[] | undefined;
  /**
   * How operations are started. By default by the SimulatorService of this package or by the Echo of gapic-showcase,
   * where the server's reflection tells of one.
   */
  readonly start?: StartMethod | StartFunction | undefined;
  /** Only these checks: `wait/does-wait`, or `wait` for a topic. All by default. */
  readonly only?: readonly string[] | undefined;
  /** The longest that an answer, or an operation that ends, is waited for, in milliseconds. 30 s by default. */
  readonly patienceMs?: number | undefined;
  /** Headers of every call, credentials for example. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What REST paths begin with. `/v1` by default. */
  readonly restPath?: string | undefined;
  /** What is listed. By default what the names of operations begin with. */
  readonly parent?: string | undefined;
  /** A name that no operation has. By default the name of one, with another end. */
  readonly unknownName?: string | undefined;
  /** Hears of each result as soon as it is there. */
  readonly onResult?: ((result: CheckResult) => void) | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

export const DEFAULT_PATIENCE_MS = 30_000;
