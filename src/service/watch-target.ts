import type { StoredOperation } from "../operation/stored-operation.ts";
import type { ScopeListener } from "./scope-feed.ts";

/** An operation that belongs to a snapshot. */
export interface Found {
  readonly name: string;
  /** As it was a short while ago; undefined where nobody has looked at it yet. */
  readonly stored: StoredOperation | undefined;
}

/** What a watch is of: operations that are named, or a part of those that are kept. */
export interface WatchTarget {
  /** The names whose end is the end of the watch; undefined where it has no such end. */
  readonly names: readonly string[] | undefined;
  /** How many operations are shown at a time. */
  readonly mostShown: number;
  /** How long the change hub is trusted: an event may come late, twice, or never. */
  readonly recheckMs: number;
  /** Tells of changes until the function that it answers is called. */
  subscribe(listener: ScopeListener): () => void;
  /** What there is, newest first, as far as it is shown. */
  snapshot(): AsyncIterable<Found>;
  /** What may have come since, and is cheap to find. */
  newest(): AsyncIterable<Found>;
  /** Whether an operation belongs to it, and the caller may see it. */
  shows(stored: StoredOperation): boolean | Promise<boolean>;
}
