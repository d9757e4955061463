import { parentPort, workerData } from "node:worker_threads";
import { Client, type ClientConfig } from "pg";
import { systemClock } from "../../time/clock.ts";

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

/** A lease is renewed so many times before it would end. */
const RENEWALS_PER_LEASE = 4;

const port = parentPort;
const { config, schema } = workerData as LeaseThreadData;
const owners = new Map<string, number>();
let client: Promise<Client> | undefined;
let callOff = () => {};

function connected(): Promise<Client> {
  client ??= connect();
  return client;
}

async function connect(): Promise<Client> {
  const next = new Client(config);
  const lose = () => {
    client = undefined;
  };
  next.on("error", lose);
  next.on("end", lose);
  try {
    await next.connect();
    return next;
  } catch (error) {
    lose();
    throw error;
  }
}

async function query(text: string, values: unknown[]): Promise<void> {
  const own = await connected();
  try {
    await own.query(text, values);
  } catch (error) {
    // A connection that was asked in vain is not asked again.
    client = undefined;
    own.end().catch(() => {});
    throw error;
  }
}

async function renew(held: ReadonlyMap<string, number>): Promise<void> {
  await query(
    `insert into ${schema}.owners
     select owner, now() + lease_ms * interval '1 millisecond'
     from unnest($1::text[], $2::bigint[]) as held (owner, lease_ms) order by owner
     on conflict (owner) do update set lease_end = excluded.lease_end`,
    [[...held.keys()], [...held.values()]],
  );
}

function renewLater(): void {
  callOff();
  if (owners.size === 0) return;
  const shortestMs = Math.min(...owners.values());
  callOff = systemClock.after(shortestMs / RENEWALS_PER_LEASE, () => {
    // The next renewal tries again.
    renew(owners)
      .catch(() => {})
      .finally(renewLater);
  });
}

async function perform(request: LeaseRequest): Promise<void> {
  switch (request.call) {
    case "hold":
      await renew(new Map([[request.owner, request.leaseMs]]));
      owners.set(request.owner, request.leaseMs);
      return renewLater();
    case "release":
      owners.delete(request.owner);
      return query(`delete from ${schema}.owners where owner = $1`, [request.owner]);
    case "close":
      callOff();
      owners.clear();
      await (await client?.catch(() => undefined))?.end().catch(() => {});
  }
}

port?.on("message", (request: LeaseRequest) => {
  perform(request).then(
    () => port.postMessage({ id: request.id, fault: undefined } satisfies LeaseAnswer),
    (error: unknown) => port.postMessage({ id: request.id, fault: String(error) } satisfies LeaseAnswer),
  );
});
