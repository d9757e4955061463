import { storeFull, storeUnavailable } from "../../operation/errors.ts";
import type { StoredOperation } from "../../operation/stored-operation.ts";
import type { Transition } from "../../operation/transition.ts";
import { ChangeHub } from "../change-hub.ts";
import { claimBySwapping } from "../claim.ts";
import type { OperationRecord } from "../columns.ts";
import { operationOf, recordOf } from "../operation-record.ts";
import type {
  ClaimQuery,
  Lease,
  ListQuery,
  OperationStore,
  OrphanQuery,
  RangeQuery,
} from "../operation-store.ts";
import { Outgoing } from "./outgoing.ts";
import type { CallArguments, CallResult, StoreCall } from "./store-calls.ts";
import type { StoreChannel } from "./store-channel.ts";
import type { FromOwner, StoreRequest } from "./store-message.ts";

interface Asked {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * A store that another process owns, and shares with `shareStore`: for several processes of one server over one file.
 * What it is asked for costs a message there and one back, in which many travel together. Calls throw UNAVAILABLE when
 * the owner is gone.
 */
export class RemoteStore implements OperationStore {
  readonly changes = new ChangeHub();
  readonly isShared = true;
  readonly #outgoing: Outgoing<StoreRequest>;
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;
  #isClosed = false;

  constructor(channel: StoreChannel) {
    this.#outgoing = new Outgoing((toStore) => channel.send({ toStore }));
    channel.onMessage((message) => this.#hear(message));
    channel.onClosed(() => this.#close());
  }

  insert(stored: StoredOperation): Promise<boolean> {
    return this.#ask("insert", recordOf(stored));
  }

  async get(name: string): Promise<StoredOperation | undefined> {
    return operationOrNone(await this.#ask("get", name));
  }

  async getByRequest(requestId: string): Promise<StoredOperation | undefined> {
    return operationOrNone(await this.#ask("getByRequest", requestId));
  }

  replace(next: StoredOperation): Promise<boolean> {
    return this.#ask("replace", recordOf(next));
  }

  delete(name: string): Promise<boolean> {
    return this.#ask("delete", name);
  }

  async list(query: ListQuery): Promise<readonly StoredOperation[]> {
    return (await this.#ask("list", query)).map(operationOf);
  }

  async listInRange(query: RangeQuery): Promise<readonly StoredOperation[] | undefined> {
    return (await this.#ask("listInRange", query))?.map(operationOf);
  }

  deleteExpired(nowMs: number, limit: number): Promise<number> {
    return this.#ask("deleteExpired", nowMs, limit);
  }

  deleteSurplus(mostPerParent: number, limit: number): Promise<number> {
    return this.#ask("deleteSurplus", mostPerParent, limit);
  }

  async hold(owner: string, leaseMs: number): Promise<Lease> {
    await this.#send({ id: ++this.#lastId, call: "hold", args: [owner, leaseMs] });
    return {
      release: async () => {
        // With the owner of the store all leases have ended.
        if (!this.#isClosed) await this.#send({ id: ++this.#lastId, call: "release", args: [owner] });
      },
    };
  }

  async orphans(query: OrphanQuery): Promise<readonly StoredOperation[]> {
    return (await this.#ask("orphans", query)).map(operationOf);
  }

  claim(query: ClaimQuery, transition: Transition): Promise<readonly StoredOperation[]> {
    return claimBySwapping(this, query, transition);
  }

  keyOf(name: string, made: Uint8Array): Promise<Uint8Array> {
    return this.#ask("keyOf", name, made);
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #ask<Call extends StoreCall>(call: Call, ...args: CallArguments<Call>): Promise<CallResult<Call>> {
    // The owner answers by the same table.
    return this.#send({ id: ++this.#lastId, call, args }) as Promise<CallResult<Call>>;
  }

  #send(request: StoreRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(ownerGone());
        return;
      }
      this.#asked.set(request.id, { resolve, reject });
      this.#outgoing.add(request);
    });
  }

  #hear(message: unknown): void {
    if (typeof message !== "object" || message === null || !("fromStore" in message)) return;
    const { fromStore, news } = message as FromOwner;
    for (const answer of fromStore) {
      const asked = this.#asked.get(answer.id);
      this.#asked.delete(answer.id);
      if ("value" in answer) asked?.resolve(answer.value);
      else asked?.reject(refusalOf(answer.fault));
    }
    for (const name of news?.changed ?? []) this.changes.announce(name);
    for (const handler of news?.waiting ?? []) this.changes.announceWork(handler);
  }

  #close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#asked.values()) reject(ownerGone());
    this.#asked.clear();
  }
}

function operationOrNone(record: OperationRecord | undefined): StoredOperation | undefined {
  return record && operationOf(record);
}

function refusalOf({ isFull, message }: { readonly isFull: boolean; readonly message: string }): Error {
  const cause = new Error(message);
  return isFull ? storeFull(cause) : storeUnavailable(cause);
}

function ownerGone(): Error {
  return storeUnavailable(new Error("the process that owns the store is gone"));
}
