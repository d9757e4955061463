import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { ClientConfig } from "pg";
import { storeUnavailable } from "../../operation/errors.ts";
import type { Lease } from "../operation-store.ts";
import { threadScript } from "../thread-script.ts";
import type { LeaseAnswer, LeaseRequest, LeaseThreadData } from "./lease-thread.ts";

/** A request without the number that its answer comes with. */
type Call = LeaseRequest extends infer R ? (R extends LeaseRequest ? Omit<R, "id"> : never) : never;

/** Holds the leases of this process's owners, which a thread of its own renews from the first one on. */
export class LeaseKeeper {
  readonly #data: LeaseThreadData;
  readonly #asked = new Map<number, (answer: LeaseAnswer) => void>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(config: ClientConfig, schema: string) {
    this.#data = { config, schema };
  }

  /** Gives an owner a lease. Throws UNAVAILABLE where the database does not answer. */
  async hold(owner: string, leaseMs: number): Promise<Lease> {
    await this.#ask({ call: "hold", owner, leaseMs });
    return { release: () => this.#ask({ call: "release", owner }) };
  }

  /** Renews no more. Leases that were not released end by themselves. */
  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    await this.#ask({ call: "close" }).catch(() => {});
    await this.#worker.terminate();
  }

  #ask(call: Call): Promise<void> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, ({ fault }) => {
        this.#asked.delete(id);
        if (this.#asked.size === 0) this.#worker?.unref();
        if (fault === undefined) resolve();
        else reject(storeUnavailable(new Error(fault)));
      });
      const worker = this.#thread();
      worker.ref();
      worker.postMessage({ ...call, id });
    });
  }

  #thread(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const script = new URL(`./lease-thread${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(threadScript(script), { workerData: this.#data, name: "longrunning leases" });
    worker.on("message", (answer: LeaseAnswer) => this.#asked.get(answer.id)?.(answer));
    const lose = (fault: string) => {
      this.#worker = undefined;
      for (const [id, settle] of this.#asked) settle({ id, fault });
    };
    worker.on("error", (error) => lose(error.message));
    worker.on("exit", () => lose("the thread has ended"));
    this.#worker = worker;
    return worker;
  }
}
