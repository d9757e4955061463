import { setTimeout as pause } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { isLostConnection, mayBeRetried } from "../../src/client/retry.ts";
import type { ServerNode } from "./cluster-node.ts";
import { ClusterTold } from "./cluster-told.ts";

/** How long one attempt of a call may take, and how long all of them together. */
const CALL_MS = 8_000;
const PATIENCE_MS = 90_000;

/** How long one WaitOperation waits. */
const WAIT_MS = 5_000;

let lives = 0;

/**
 * Many clients of a cluster, each with one operation after another: started at one server, waited for at others,
 * cancelled or deleted at yet another. A call that is refused, or whose answer is lost, is made again at any server,
 * as the clients of a service do that is always to be there.
 */
export class ClusterLoad implements AsyncDisposable {
  readonly told = new ClusterTold();
  /** How often calls were refused, by the code. */
  readonly refusals = new Map<string, number>();
  /** How many calls of which nobody knew whether they had been made. */
  unknown = 0;
  /** What a client must never see. */
  readonly failures: string[] = [];
  /** The longest that a call took which failed, in milliseconds. */
  longestRefusalMs = 0;
  readonly #servers: readonly ServerNode[];
  readonly #clients: readonly Promise<void>[];
  #isStopping = false;

  constructor(servers: readonly ServerNode[], clients = 24) {
    this.#servers = servers;
    this.#clients = Array.from({ length: clients }, () => this.#live());
  }

  /** Begins nothing new. Resolves once every client has come to the end of what it was at. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all(this.#clients);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #live(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#liveOnce(lives++);
      } catch (error) {
        this.failures.push(String(error));
      }
    }
  }

  async #liveOnce(life: number): Promise<void> {
    // Of ten, five are short, two outlast a lease, two are cancelled, and one is deleted while it runs.
    const kind = life % 10;
    const isEndless = kind >= 7;
    const durationMs = isEndless ? 600_000 : Math.floor((kind >= 5 ? 2_000 : 200) * Math.random());
    const payload = `payload ${life}`;
    const request = { duration: durationFromMs(durationMs), payload, requestId: crypto.randomUUID() };
    const start = () =>
      this.#insist("start", ({ simulator }) => simulator.simulateWork(request, { timeoutMs: CALL_MS }));
    const started = await start();
    this.told.started(started, payload);
    if (kind % 3 === 0) this.told.startedAgain(started.name, (await start()).name);
    if (kind === 9) return this.#delete(started.name);
    // Cancelled before, and after, it was begun.
    const cancelled = isEndless
      ? pause(Math.random() * 300).then(() => this.#cancel(started.name))
      : undefined;
    await Promise.all([this.#wait(started.name), this.#wait(started.name), cancelled]);
    if (kind === 1) await this.#delete(started.name);
  }

  async #cancel(name: string): Promise<void> {
    this.told.cancelling(name);
    await this.#insist("cancel", ({ operations }) =>
      operations.cancelOperation({ name }, { timeoutMs: CALL_MS }),
    );
    this.told.cancelled(name);
  }

  async #delete(name: string): Promise<void> {
    this.told.deleting(name);
    await this.#insist("delete", async ({ operations }, attempt) => {
      try {
        await operations.deleteOperation({ name }, { timeoutMs: CALL_MS });
      } catch (error) {
        // An attempt before this one was made, and its answer lost.
        if (attempt === 1 || ConnectError.from(error).code !== Code.NotFound) throw error;
      }
    });
    this.told.deleted(name);
  }

  /** Waits until an operation is done, however many calls that takes. */
  async #wait(name: string): Promise<void> {
    const timeout = durationFromMs(WAIT_MS);
    const fromMs = performance.now();
    for (;;) {
      let askedAtMs = 0;
      let hadEnded = false;
      let at = "";
      const operation: Operation = await this.#insist("wait", (server) => {
        at = server.name;
        askedAtMs = Date.now();
        hadEnded = this.told.hasEnded(name);
        return server.operations.waitOperation({ name, timeout }, { timeoutMs: WAIT_MS + CALL_MS });
      });
      // An answer that was on its way while another client was told of the end may be older than that.
      if (operation.done || hadEnded) this.told.seen(operation);
      if (operation.done) return this.told.woken({ name, at, askedAtMs, answeredAtMs: Date.now() });
      if (performance.now() - fromMs > PATIENCE_MS) throw new Error(`${name} has not ended`);
    }
  }

  /** Calls any server until one answers. Throws what cannot be helped by another try. */
  async #insist<T>(what: string, call: (server: ServerNode, attempt: number) => Promise<T>): Promise<T> {
    const fromMs = performance.now();
    for (let attempt = 1; ; attempt++) {
      const server = this.#servers[Math.floor(Math.random() * this.#servers.length)] as ServerNode;
      const askedAtMs = performance.now();
      try {
        return await call(server, attempt);
      } catch (error) {
        const { code } = ConnectError.from(error);
        this.longestRefusalMs = Math.max(this.longestRefusalMs, performance.now() - askedAtMs);
        const isUnknown = isLostConnection(error) || code === Code.DeadlineExceeded;
        if (!isUnknown && !mayBeRetried(error)) throw new Error(`${what} at ${server.name}: ${error}`);
        if (performance.now() - fromMs > PATIENCE_MS) throw new Error(`${what} in vain: ${error}`);
        if (isUnknown) this.unknown++;
        this.refusals.set(Code[code], (this.refusals.get(Code[code]) ?? 0) + 1);
        await pause(10 + Math.random() * 90);
      }
    }
  }
}
