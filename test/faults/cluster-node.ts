import { readFileSync } from "node:fs";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { TcpProxy } from "../postgres/proxy.ts";
import { type Program, runProgram } from "./program.ts";

/** How the process of a node is run. */
export interface NodeOptions {
  readonly preload?: string | undefined;
  readonly env?: Record<string, string> | undefined;
}

/** A process of the cluster, which ends and comes back, and always listens on the same port. */
export class ClusterNode implements AsyncDisposable {
  readonly name: string;
  /** What lies between it and the database; undefined where nothing does. */
  readonly proxy: TcpProxy | undefined;
  readonly #args: readonly string[];
  #options: NodeOptions;
  #program: Program | undefined;
  readonly #err: string[] = [];

  constructor(name: string, args: readonly string[], proxy: TcpProxy | undefined, options: NodeOptions) {
    this.name = name;
    this.#args = args;
    this.proxy = proxy;
    this.#options = options;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error(`${this.name} does not run`);
    return this.#program;
  }

  /** What its processes have said on stderr. */
  get errors(): readonly string[] {
    return [...this.#err, ...(this.#program?.err ?? [])];
  }

  /** Its resident memory now, in MiB. */
  get residentMiB(): number {
    const status = readFileSync(`/proc/${this.program.pid}/status`, "utf8");
    return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024);
  }

  /** Starts its process, as another one than before where options are given. Resolves once it is at work. */
  async start(options: NodeOptions = this.#options): Promise<void> {
    this.#options = options;
    this.#err.push(...(this.#program?.err ?? []));
    const { preload, env } = options;
    this.#program = runProgram("test/faults/resuming-server.ts", this.#args, {
      ...(preload === undefined ? {} : { preload }),
      ...(env === undefined ? {} : { env }),
    });
    await this.#program.firstLine();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program?.[Symbol.asyncDispose]();
  }
}

/** A node that answers calls, and a client of it whose connection is made anew where it is lost. */
export class ServerNode extends ClusterNode {
  readonly operations: Client<typeof Operations>;
  readonly simulator: Client<typeof SimulatorService>;
  readonly url: string;
  readonly #session: Http2SessionManager;

  constructor(
    name: string,
    args: readonly string[],
    port: number,
    proxy: TcpProxy | undefined,
    options: NodeOptions,
  ) {
    super(name, [...args, "--port", String(port)], proxy, options);
    this.url = `http://127.0.0.1:${port}`;
    this.#session = new Http2SessionManager(this.url);
    const transport = createGrpcTransport({ baseUrl: this.url, sessionManager: this.#session });
    this.operations = createClient(Operations, transport);
    this.simulator = createClient(SimulatorService, transport);
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    this.#session.abort();
    await super[Symbol.asyncDispose]();
  }
}
