import { parentPort, workerData } from "node:worker_threads";
import type { ClientConfig } from "pg";
import { systemClock } from "../../time/clock.ts";
import { LeaseConnection } from "./lease-connection.ts";

// The thread that renews the leases of this process's owners: all in one statement, on a connection of its own,
// and not from the event loop that the work can stall.

/** What the thread is started with. */
export interface LeaseThreadData {
  readonly config: ClientConfig;
  readonly schema: string;
}

/** What it is asked; it answers each with one message. */
export type LeaseRequest =
  | { readonly call: "hold"; readonly id: number; readonly owner: string; readonly leaseMs: number }
  | { readonly call: "release"; readonly id: number; readonly owner: string }
  | { readonly call: "close"; readonly id: number };

export interface LeaseAnswer {
  readonly id: number;
  /** What went wrong; undefined where nothing did. */
  readonly fault: string | undefined;
}

/** A lease is renewed so many times before it would end; a renewal that fails is tried again that much sooner. */
const RENEWALS_PER_LEASE = 4;
const TRIES_PER_RENEWAL = 8;

/** How long making a connection, or an answer, may take at least; at most it is the time between two renewals. */
const LEAST_PATIENCE_MS = 1_000;

const port = parentPort;
const { config, schema } = workerData as LeaseThreadData;
const connection = new LeaseConnection(config);
const owners = new Map<string, number>();
let callOff = () => {};

function renewalMs(held: ReadonlyMap<string, number> = owners): number {
  return Math.min(...held.values()) / RENEWALS_PER_LEASE;
}

async function renew(held: ReadonlyMap<string, number>): Promise<void> {
  await connection.query(
    `insert into ${schema}.owners
     select owner, now() + lease_ms * interval '1 millisecond'
     from unnest($1::text[], $2::bigint[]) as held (owner, lease_ms) order by owner
     on conflict (owner) do update set lease_end = excluded.lease_end`,
    [[...held.keys()], [...held.values()]],
    // Where a connection hangs, there is time to renew by another one.
    Math.max(LEAST_PATIENCE_MS, renewalMs(held)),
  );
}

function renewAfter(delayMs: number): void {
  callOff();
  if (owners.size === 0) return;
  callOff = systemClock.after(delayMs, () => {
    // The last one may have been released meanwhile.
    if (owners.size === 0) return;
    renew(owners).then(
      () => renewAfter(renewalMs()),
      () => renewAfter(renewalMs() / TRIES_PER_RENEWAL),
    );
  });
}

async function perform(request: LeaseRequest): Promise<void> {
  switch (request.call) {
    case "hold":
      await renew(new Map([[request.owner, request.leaseMs]]));
      owners.set(request.owner, request.leaseMs);
      return renewAfter(renewalMs());
    case "release": {
      const patienceMs = Math.max(LEAST_PATIENCE_MS, owners.get(request.owner) ?? 0);
      owners.delete(request.owner);
      return connection.query(`delete from ${schema}.owners where owner = $1`, [request.owner], patienceMs);
    }
    case "close":
      callOff();
      owners.clear();
      await connection.close();
  }
}

port?.on("message", (request: LeaseRequest) => {
  perform(request).then(
    () => port.postMessage({ id: request.id, fault: undefined } satisfies LeaseAnswer),
    (error: unknown) => port.postMessage({ id: request.id, fault: String(error) } satisfies LeaseAnswer),
  );
});
