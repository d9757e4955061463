import type { Command } from "ioredis";
import type { RedisClient } from "./redis-source.ts";

/** What a connection is while nothing of it is open: it waits for its next try, or was told to wait no more. */
const BETWEEN_TRIES: readonly string[] = ["close", "disconnecting", "reconnecting"];

/**
 * Makes of a connection one that ends when it is told to, and with it all that it was asked: BullMQ waits for both,
 * without a limit. By itself ioredis forgets to end one that waits for its next try, and to answer what it was asked
 * before two connections on end were lost, the second of them before it was ready.
 */
export function endingConnection(client: RedisClient): RedisClient {
  const asked = new Set<Command>();
  // The cast is of the parameters of a Redis and of a cluster, which differ: they go through as they came.
  const send = client.sendCommand.bind(client) as (command: Command, ...where: unknown[]) => unknown;
  const disconnect = client.disconnect.bind(client);
  client.on("end", () => {
    for (const command of asked) command.reject(new Error("Connection is closed."));
  });
  return Object.assign(client, {
    sendCommand(command: Command, ...where: unknown[]) {
      const forget = () => void asked.delete(command);
      asked.add(command);
      command.promise.then(forget, forget);
      return send(command, ...where);
    },
    disconnect(reconnect = false) {
      // A try that is called off before it has left is one that ends.
      if (!reconnect && BETWEEN_TRIES.includes(client.status)) client.connect().catch(() => {});
      disconnect(reconnect);
    },
  });
}
