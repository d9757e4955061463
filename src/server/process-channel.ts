import type { Worker } from "node:cluster";
import type { StoreChannel } from "../store/remote/store-channel.ts";

/** The way to one of the processes that this one has started. */
export function channelTo(worker: Worker): StoreChannel {
  return {
    // Whoever cannot be told is about to be gone.
    send: (message) => void (worker.isConnected() && worker.send(message as object, () => {})),
    onMessage: (listener) => void worker.on("message", listener),
    onClosed: (listener) => void worker.once("disconnect", listener),
  };
}

/** The way to the process that has started this one. Throws where none has. */
export function channelToPrimary(): StoreChannel {
  const send = process.send?.bind(process);
  if (send === undefined) throw new TypeError("no process has started this one");
  return {
    send: (message) => void (process.connected && send(message, undefined, undefined, () => {})),
    onMessage: (listener) => void process.on("message", listener),
    onClosed: (listener) => void process.once("disconnect", listener),
  };
}
