import { Code } from "@connectrpc/connect";
import type { Clock } from "../time/clock.ts";
import { sleep } from "../time/sleep.ts";
import { type Answer, type Refusal, shownRefusal } from "./answer.ts";
import { Deviation, NotApplicable } from "./deviation.ts";
import { answered } from "./expectations.ts";
import { unknownNameLike } from "./operation-names.ts";
import type { OperationsCaller, OptionalRpc } from "./operations-caller.ts";
import type { Protocol } from "./protocol.ts";
import type { SeenOperation } from "./seen-operation.ts";
import type { StartKind } from "./start-method.ts";
import type { Started, Starter } from "./starter.ts";

/** What a run over one protocol is made of. */
export interface WorldOptions {
  readonly caller: OperationsCaller;
  readonly starter: Starter;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly unknownName: string | undefined;
  readonly hasCredentials: boolean;
  /** What has been answered so far. */
  readonly refusals: readonly Refusal[];
}

const RPC_NAMES: Readonly<Record<OptionalRpc, string>> = {
  wait: "WaitOperation",
  cancel: "CancelOperation",
  delete: "DeleteOperation",
  list: "ListOperations",
};

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/** The server as checks see it: its RPCs, and operations to ask about. */
export class World {
  readonly caller: OperationsCaller;
  readonly starter: Starter;
  readonly clock: Clock;
  readonly patienceMs: number;
  readonly hasCredentials: boolean;
  readonly refusals: readonly Refusal[];
  readonly #unknownName: string | undefined;
  readonly #started: { readonly kind: StartKind; readonly name: string }[] = [];
  readonly #remembered = new Map<string, Promise<unknown>>();

  constructor(options: WorldOptions) {
    this.caller = options.caller;
    this.starter = options.starter;
    this.clock = options.clock;
    this.patienceMs = options.patienceMs;
    this.hasCredentials = options.hasCredentials;
    this.refusals = options.refusals;
    this.#unknownName = options.unknownName;
  }

  get protocol(): Protocol {
    return this.caller.protocol;
  }

  /** Does something once, and answers the same to whoever asks for it again. */
  once<Value>(what: string, make: () => Promise<Value>): Promise<Value> {
    const made = this.#remembered.get(what) ?? make();
    this.#remembered.set(what, made);
    // Only `make` of the same name puts it there.
    return made as Promise<Value>;
  }

  /** Starts an operation, and answers its name. */
  async start(kind: StartKind): Promise<string> {
    const answer = await this.tryToStart(kind);
    if (answer.ok && answer.value.name !== "") return answer.value.name;
    const why = answer.ok ? "its operation has no name" : shownRefusal(answer.refusal);
    throw new NotApplicable(`no operation that ${kind} could be started by ${this.starter.shown}: ${why}`);
  }

  /** Starts an operation, and answers what came of it. */
  async tryToStart(kind: StartKind, requestId?: string): Promise<Answer<Started>> {
    const answer = await this.starter.start(kind, requestId);
    if (answer.ok && answer.value.name !== "") this.#started.push({ kind, name: answer.value.name });
    return answer;
  }

  /** An operation that runs, and that checks leave as it is. */
  running(): Promise<string> {
    return this.once("running", () => this.start("lasts"));
  }

  /** An operation that has ended, and that checks leave as it is. */
  ended(kind: "succeeds" | "fails"): Promise<SeenOperation> {
    return this.once(`ended ${kind}`, async () => this.untilDone(await this.start(kind)));
  }

  /** Asks again and again until the operation is done. Where it is not in time, that says nothing. */
  async untilDone(name: string, patienceMs = this.patienceMs): Promise<SeenOperation> {
    const endMs = this.clock.monotonicMs() + patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.3, LONGEST_PAUSE_MS)) {
      const operation = answered(await this.caller.get(name), "Get of an operation that was started");
      if (operation.done) return operation;
      if (this.clock.monotonicMs() > endMs) {
        throw new NotApplicable(`${name} was not done within ${patienceMs} ms`);
      }
      await this.pause(pauseMs);
    }
  }

  pause(ms: number): Promise<void> {
    return sleep(this.clock, ms);
  }

  /** A name that no operation has, in the form of those that have one. */
  unknownName(): Promise<string> {
    return this.once("unknown name", async () => this.#unknownName ?? unknownNameLike(await this.anyName()));
  }

  /** The name of an operation that was started, of whatever kind can be. */
  async anyName(): Promise<string> {
    const [known] = this.#started;
    if (known !== undefined) return known.name;
    const [kind] = (["lasts", "succeeds", "fails"] as const).filter((one) => this.starter.kinds.has(one));
    if (kind === "lasts") return this.running();
    if (kind !== undefined) return this.start(kind);
    return "operations/00000000000000000000000000000000";
  }

  /** Why the server need not be asked about an RPC: mostly that it leaves it out, which operations.proto lets it do. */
  missing(rpc: OptionalRpc): Promise<string | undefined> {
    return this.once(`missing ${rpc}`, () => this.#probe(rpc));
  }

  async #probe(rpc: OptionalRpc): Promise<string | undefined> {
    const answer = await this.#tryOut(rpc);
    if (answer.ok) return undefined;
    if (answer.refusal.code === Code.Unimplemented) {
      return `the server answers UNIMPLEMENTED for ${RPC_NAMES[rpc]}, as operations.proto lets it`;
    }
    if (rpc === "wait" && this.protocol === "rest") {
      const seen = shownRefusal(answer.refusal);
      return `operations.proto has no HTTP rule for WaitOperation, and the server does not answer POST …:wait (${seen})`;
    }
    if (rpc === "list") return "the server refuses to list at all; list/is-answered tells of that";
    return undefined;
  }

  async #tryOut(rpc: OptionalRpc): Promise<Answer<unknown>> {
    switch (rpc) {
      case "wait": {
        const name = await this.anyName();
        const answer = await this.caller.wait(name, { seconds: 0n, nanos: 0 }, { isProbe: true });
        // By REST a route that is missing reads like a request that is wrong: another request tells them apart.
        return answer.ok || this.protocol !== "rest"
          ? answer
          : this.caller.wait(name, { seconds: 0n, nanos: 100_000_000 }, { isProbe: true });
      }
      case "cancel":
        return this.caller.cancel(await this.unknownName());
      case "delete":
        return this.caller.delete(await this.unknownName());
      case "list":
        return this.caller.list({ pageSize: 1 });
    }
  }

  /** Cancels and deletes whatever was started, as far as the server does that. */
  async tidyUp(): Promise<void> {
    for (const { kind, name } of this.#started) {
      if (kind === "lasts" && (await this.missing("cancel")) === undefined) await this.caller.cancel(name);
      if ((await this.missing("delete")) === undefined) await this.caller.delete(name);
    }
  }
}

/** Expects that something is so. */
export function expectSo(isSo: boolean, saw: string, expected: string): void {
  if (!isSo) throw new Deviation(saw, expected);
}
