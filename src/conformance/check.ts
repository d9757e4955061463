import type { OptionalRpc } from "./operations-caller.ts";
import type { Protocol } from "./protocol.ts";
import type { Level, Source } from "./source.ts";
import type { StartKind } from "./start-method.ts";
import type { World } from "./world.ts";

/** What a check needs of the server and of the user. */
export type Need = StartKind | OptionalRpc | "request_id" | "types" | "credentials";

/** One thing that a server is asked. */
export interface Check {
  /** `topic/what-is-so`. */
  readonly id: string;
  /** What is so, where the check passes. */
  readonly sentence: string;
  readonly level: Level;
  readonly source: Source;
  /** The protocols over which it can be asked. All by default. */
  readonly protocols?: readonly Protocol[] | undefined;
  readonly needs: readonly Need[];
  /** Whether it is about how soon an answer comes. It is asked again where it fails: a busy machine may be late once. */
  readonly isTimed?: boolean | undefined;
  /** Asks. Throws a Deviation where it is not so, and NotApplicable where that cannot be told. */
  readonly ask: (world: World) => Promise<void>;
}

/** The topics, in the order in which they are asked and told of. */
export const TOPICS: Readonly<Record<string, string>> = {
  start: "Starting (AIP-151, AIP-155)",
  state: "State",
  wait: "WaitOperation",
  cancel: "CancelOperation",
  delete: "DeleteOperation",
  list: "ListOperations (AIP-132, AIP-158, AIP-160, AIP-217)",
  auth: "Authorization (AIP-211)",
  rest: "REST (AIP-127, AIP-193)",
  error: "Errors (AIP-193)",
};
