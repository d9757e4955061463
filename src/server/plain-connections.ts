import type { Socket } from "node:net";
import type { Holding } from "../http1/backlog.ts";
import { KnownHeads } from "../http1/known-heads.ts";
import { PlainConnection, type PlainConnectionOptions } from "../http1/plain-connection.ts";
import type { Clock } from "../time/clock.ts";
import { SILENCE_MS } from "./one-port.ts";
import type { TakePlain } from "./request-handler.ts";

/** How often idle connections are looked for, in milliseconds. */
const LOOK_MS = 5_000;

export interface PlainConnectionsOptions {
  readonly maxHeaderBytes: number;
  /** How long a connection may have no request, in milliseconds. */
  readonly keepAliveMs: number;
  readonly clock: Clock;
  readonly take: TakePlain;
  /** Counts what has come of a connection and is not read. */
  hold(socket: Socket): Holding;
  /** Node goes on with a connection. */
  leave(socket: Socket): void;
}

/** A connection, and how long it has had no request. */
interface Idle {
  readonly connection: PlainConnection;
  sinceMs: number;
  /** For how long it may. */
  patienceMs: number;
  /** Whether more had come behind its request than is read, when it was looked last. */
  wasCrowded: boolean;
}

/** The connections of HTTP/1.1 that have sent none but plain requests. */
export class PlainConnections {
  readonly #options: PlainConnectionsOptions;
  readonly #ofConnection: PlainConnectionOptions;
  readonly #connections = new Map<Socket, Idle>();
  #isLooking = false;
  #isStopping = false;

  constructor(options: PlainConnectionsOptions) {
    this.#options = options;
    const { maxHeaderBytes, keepAliveMs, clock, take, hold } = options;
    this.#ofConnection = {
      ...{ heads: new KnownHeads(), maxHeaderBytes, take, hold },
      leave: ({ socket }) => {
        this.#connections.delete(socket);
        options.leave(socket);
      },
      idle: ({ socket }) => {
        const idle = this.#connections.get(socket);
        if (idle !== undefined)
          Object.assign(idle, { sinceMs: clock.monotonicMs(), patienceMs: keepAliveMs });
      },
    };
  }

  /** Reads a connection's requests. */
  add(socket: Socket): void {
    const connection = new PlainConnection(socket, this.#ofConnection);
    const sinceMs = this.#options.clock.monotonicMs();
    this.#connections.set(socket, { connection, sinceMs, patienceMs: SILENCE_MS, wasCrowded: false });
    socket.once("close", () => this.#connections.delete(socket));
    if (this.#isStopping) connection.stop();
    if (!this.#isLooking) this.#lookLater();
  }

  /** Ends those that have no request, and each other behind its answer. */
  stop(): void {
    this.#isStopping = true;
    for (const { connection } of this.#connections.values()) connection.stop();
  }

  /** Whether a request is under way on a connection, or an answer. */
  isBusy(socket: Socket): boolean {
    return this.#connections.get(socket)?.connection.isBusy === true;
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#options.clock.after(LOOK_MS, () => this.#look(), true);
  }

  #look(): void {
    const nowMs = this.#options.clock.monotonicMs();
    for (const idle of this.#connections.values()) {
      const { socket, isBusy, isCrowded } = idle.connection;
      // Of one that is not read nobody would know that its client has gone.
      const isStuck = isCrowded && idle.wasCrowded;
      if (isStuck || (!isBusy && nowMs - idle.sinceMs > idle.patienceMs)) socket.destroy();
      idle.wasCrowded = isCrowded;
    }
    this.#isLooking = false;
    if (this.#connections.size > 0) this.#lookLater();
  }
}
