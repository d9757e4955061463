import { Code, ConnectError } from "@connectrpc/connect";
import type { Lease, OperationStore } from "../operation-store.ts";
import { Outgoing } from "./outgoing.ts";
import { STORE_CALLS } from "./store-calls.ts";
import type { StoreChannel } from "./store-channel.ts";
import type { FromOwner, StoreAnswer, StoreNews, StoreRequest, ToOwner } from "./store-message.ts";

/** One thing to say: an answer, or news. */
type Said = StoreAnswer | StoreNews;

/**
 * Lets another process use a store of this one, through a `RemoteStore` at the other end of the channel. The leases that
 * the other process holds end with it.
 */
export function shareStore(store: OperationStore, channel: StoreChannel): void {
  const leases = new Map<string, Lease>();
  const outgoing = new Outgoing<Said>((said) => channel.send(messageOf(said)));
  const changed = (name: string) => outgoing.add({ changed: [name], waiting: [] });
  const waiting = (handler: string) => outgoing.add({ changed: [], waiting: [handler] });
  store.changes.on("change", changed);
  store.changes.on("waiting", waiting);
  let isClosed = false;

  const hold = async (owner: string, leaseMs: number) => {
    const lease = await store.hold(owner, leaseMs);
    // Whoever asked may be gone.
    if (isClosed) await lease.release();
    else leases.set(owner, lease);
  };
  const release = async (owner: string) => {
    const lease = leases.get(owner);
    leases.delete(owner);
    await lease?.release();
  };
  const act = (request: StoreRequest): Promise<unknown> => {
    if (request.call === "hold") return hold(...request.args);
    if (request.call === "release") return release(...request.args);
    // The other end has made the arguments by the same table.
    const call = STORE_CALLS[request.call] as (store: OperationStore, ...args: unknown[]) => Promise<unknown>;
    return call(store, ...request.args);
  };

  channel.onMessage((message) => {
    for (const request of requestsIn(message)) {
      const { id } = request;
      act(request).then(
        (value) => outgoing.add({ id, value }),
        (error: unknown) => outgoing.add({ id, fault: faultOf(error) }),
      );
    }
  });
  channel.onClosed(() => {
    isClosed = true;
    store.changes.off("change", changed);
    store.changes.off("waiting", waiting);
    for (const owner of [...leases.keys()]) release(owner).catch(() => {});
  });
}

function requestsIn(message: unknown): readonly StoreRequest[] {
  return typeof message === "object" && message !== null && "toStore" in message
    ? (message as ToOwner).toStore
    : [];
}

function messageOf(said: readonly Said[]): FromOwner {
  const news = said.filter((one) => "changed" in one);
  return {
    fromStore: said.filter((one) => "id" in one),
    news: {
      changed: [...new Set(news.flatMap(({ changed }) => changed))],
      waiting: [...new Set(news.flatMap(({ waiting }) => waiting))],
    },
  };
}

function faultOf(error: unknown): { readonly isFull: boolean; readonly message: string } {
  const isFull = error instanceof ConnectError && error.code === Code.ResourceExhausted;
  const cause = error instanceof ConnectError && error.cause !== undefined ? error.cause : error;
  return { isFull, message: cause instanceof Error ? cause.message : String(cause) };
}
