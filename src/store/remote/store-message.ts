import type { StoreCall } from "./store-calls.ts";

/** What a process asks of the one that owns the store. */
export type StoreRequest =
  | { readonly id: number; readonly call: StoreCall; readonly args: readonly unknown[] }
  | { readonly id: number; readonly call: "hold"; readonly args: readonly [owner: string, leaseMs: number] }
  | { readonly id: number; readonly call: "release"; readonly args: readonly [owner: string] };

/** What it answers. */
export type StoreAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: { readonly isFull: boolean; readonly message: string } };

/** What the owner of a store tells without being asked. */
export interface StoreNews {
  /** Operations that have changed. */
  readonly changed: readonly string[];
  /** Handlers for which work waits. */
  readonly waiting: readonly string[];
}

/** Many at a time: a message between processes costs more than what it says. */
export interface ToOwner {
  readonly toStore: readonly StoreRequest[];
}

/** Many at a time. */
export interface FromOwner {
  readonly fromStore: readonly StoreAnswer[];
  readonly news?: StoreNews | undefined;
}
