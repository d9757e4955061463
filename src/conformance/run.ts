import { systemClock } from "../time/clock.ts";
import type { Answer, Refusal } from "./answer.ts";
import type { Check } from "./check.ts";
import type { CheckResult } from "./check-result.ts";
import type { ChosenStart } from "./choose-start.ts";
import { type ConformanceOptions, DEFAULT_PATIENCE_MS } from "./conformance-options.ts";
import { parentOf } from "./operation-names.ts";
import type { OperationsCaller } from "./operations-caller.ts";
import type { Preset } from "./presets.ts";
import { answers } from "./probe.ts";
import { PROTOCOL_NAMES, PROTOCOLS, type Protocol, RPC_PROTOCOLS } from "./protocol.ts";
import { restCaller } from "./rest/rest-caller.ts";
import { type CallSettings, rpcCaller } from "./rpc-caller.ts";
import { runChecks } from "./run-checks.ts";
import type { StartFunction } from "./start-method.ts";
import { functionStarter, restStarter, type Starter } from "./starter.ts";
import type { Target } from "./target.ts";
import { ConformanceUsageError } from "./usage-error.ts";
import { World } from "./world.ts";

const DEFAULT_REST_PATH = "/v1";

/** One run of the suite against one server. */
export class Run {
  readonly #options: ConformanceOptions;
  readonly #preset: Preset | undefined;
  readonly #target: Target;
  readonly #start: ChosenStart | StartFunction;
  readonly #answering = new Map<Protocol, Promise<boolean>>();
  #calls = 0;

  constructor(
    options: ConformanceOptions,
    preset: Preset | undefined,
    target: Target,
    start: ChosenStart | StartFunction,
  ) {
    this.#options = options;
    this.#preset = preset;
    this.#target = target;
    this.#start = start;
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls;
  }

  /** The protocols that are asked: those that were named, or all that answer. */
  async protocols(): Promise<readonly Protocol[]> {
    const { transport, protocol } = this.#options;
    if (transport !== undefined) return [...this.#target.transports.keys()];
    if (protocol !== undefined) return [protocol].flat();
    const found: Protocol[] = [];
    for (const one of PROTOCOLS) if (await this.#answers(one)) found.push(one);
    if (found.length > 0) return found;
    const tried = PROTOCOLS.map((one) => PROTOCOL_NAMES[one]).join(", ");
    throw new ConformanceUsageError(
      `no google.longrunning server answers at ${this.#target.shown} (tried ${tried})`,
    );
  }

  /** Asks all that is chosen over one protocol, and cleans up after it. */
  async *check(protocol: Protocol, isChosen: (check: Check) => boolean): AsyncIterable<CheckResult> {
    const refusals: Refusal[] = [];
    let parent = this.#options.parent ?? this.#preset?.parent;
    const settings = this.#settings(protocol, refusals, () => parent ?? "operations");
    const starter = await this.#starter(protocol, settings);
    const world = new World({
      caller: this.#caller(protocol, settings),
      starter,
      clock: settings.clock,
      patienceMs: settings.patienceMs,
      unknownName: this.#options.unknownName ?? this.#preset?.unknownName,
      hasCredentials: Object.keys(this.#options.headers ?? {}).length > 0,
      refusals,
    });
    // What is listed is known from a name. Where no operation can be started, a check tells of it.
    parent ??= await world.anyName().then(parentOf, () => undefined);
    yield* runChecks(world, isChosen);
    await world.tidyUp();
  }

  async #starter(protocol: Protocol, settings: CallSettings): Promise<Starter> {
    const start = this.#start;
    if (typeof start === "function") return functionStarter(start, settings);
    const { baseUrl, transports } = this.#target;
    if (
      start.rest !== undefined &&
      baseUrl !== undefined &&
      (protocol === "rest" || start.overRpc === undefined)
    ) {
      // Its path is a whole one: it may have another version than the operations.
      return restStarter(
        baseUrl,
        start.rest,
        start.requests,
        start.declared,
        this.#settings("rest", [], () => ""),
      );
    }
    const transport = transports.get(protocol === "rest" ? await this.#answeringRpc() : protocol);
    if (transport === undefined || start.overRpc === undefined) {
      throw new ConformanceUsageError(
        `operations are not started by ${start.requests.method} over ${protocol}`,
      );
    }
    return start.overRpc(transport, settings);
  }

  async #answeringRpc(): Promise<Protocol> {
    for (const one of RPC_PROTOCOLS) if (await this.#answers(one)) return one;
    return "grpc";
  }

  #answers(protocol: Protocol): Promise<boolean> {
    const known = this.#answering.get(protocol);
    if (known !== undefined) return known;
    const asked = answers(
      this.#caller(
        protocol,
        this.#settings(protocol, [], () => "operations"),
      ),
    );
    this.#answering.set(protocol, asked);
    return asked;
  }

  #caller(protocol: Protocol, settings: CallSettings): OperationsCaller {
    const transport = this.#target.transports.get(protocol);
    if (transport !== undefined) return rpcCaller(transport, protocol, settings);
    const path = this.#options.restPath ?? this.#preset?.restPath ?? DEFAULT_REST_PATH;
    return restCaller(`${this.#target.baseUrl}/${path.replaceAll(/^\/+|\/+$/g, "")}`, settings);
  }

  #settings(protocol: Protocol, refusals: Refusal[], parent: () => string): CallSettings {
    const { clock = systemClock, patienceMs = DEFAULT_PATIENCE_MS, headers } = this.#options;
    return {
      clock,
      patienceMs,
      headers: { ...this.#preset?.headers?.[protocol], ...headers },
      parent,
      note: (answer: Answer<unknown>, isProbe: boolean) => {
        this.#calls++;
        if (!answer.ok && !isProbe) refusals.push(answer.refusal);
      },
    };
  }
}
