import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { OperationStore } from "../../../src/store/operation-store.ts";
import { RemoteStore } from "../../../src/store/remote/remote-store.ts";
import type { StoreChannel } from "../../../src/store/remote/store-channel.ts";
import { shareStore } from "../../../src/store/remote/store-owner.ts";

/** One end of a channel between two that share nothing else. */
export function portChannel(port: MessagePort): StoreChannel {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on("message", listener),
    onClosed: (listener) => void port.once("close", listener),
  };
}

/** A store as it is used from another process, and the end of the channel that is cut where that process dies. */
export interface SharedStore {
  readonly store: OperationStore;
  readonly port: MessagePort;
}

/** Shares a store, which is disposed of with the one that is answered. */
export function sharedStore(owned: OperationStore): SharedStore {
  const { port1, port2 } = new MessageChannel();
  shareStore(owned, portChannel(port1));
  const store = new OwnedRemoteStore(portChannel(port2), async () => {
    port2.close();
    await owned[Symbol.asyncDispose]();
  });
  return { store, port: port2 };
}

class OwnedRemoteStore extends RemoteStore {
  readonly #dispose: () => Promise<void>;

  constructor(channel: StoreChannel, dispose: () => Promise<void>) {
    super(channel);
    this.#dispose = dispose;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#dispose();
  }
}
