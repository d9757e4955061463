import { join } from "node:path";
import { ask } from "../postgres/ask.ts";
import { freePort } from "../postgres/free-port.ts";
import { startProxy } from "../postgres/proxy.ts";
import { AUDIT } from "./audit.ts";
import { ClusterNode, type NodeOptions, ServerNode } from "./cluster-node.ts";
import { newFolder } from "./disk.ts";
import { EffectLedger } from "./effect-ledger.ts";

/** What a cluster is made of. */
export interface ClusterOptions {
  /** 3 by default. */
  readonly servers?: number;
  /** 3 by default. */
  readonly workers?: number;
  /** Whether a proxy lies between each node and the database. */
  readonly hasProxies?: boolean;
  /** How a node is run, by its name: `server 0`, `worker 2`. */
  readonly run?: (name: string) => NodeOptions;
  /** How soon it is noticed that a node is gone. `1s` by default. */
  readonly lease?: string;
  readonly flags?: readonly string[];
}

/** Servers and workers as processes over one PostgreSQL. They end with their scope. */
export interface Cluster extends AsyncDisposable {
  readonly servers: readonly ServerNode[];
  readonly workers: readonly ClusterNode[];
  readonly nodes: readonly ClusterNode[];
  /** What the work of all workers has done. */
  readonly effects: EffectLedger;
}

export async function openCluster(url: string, options: ClusterOptions = {}): Promise<Cluster> {
  const {
    servers = 3,
    workers = 3,
    hasProxies = false,
    run = () => ({}),
    lease = "1s",
    flags = [],
  } = options;
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await newFolder());
  const effects = new EffectLedger(join(folder.path, "effects"));
  const target = Number(new URL(url).port);
  const throughProxy = async () => {
    const proxy = hasProxies ? stack.use(await startProxy(target)) : undefined;
    const own = new URL(url);
    own.port = String(proxy?.port ?? target);
    const args = [
      "--store",
      own.href,
      "--lease",
      lease,
      "--grace",
      "5s",
      "--effects",
      effects.file,
      ...flags,
    ];
    return { proxy, args };
  };
  const serverNodes: ServerNode[] = [];
  for (let i = 0; i < servers; i++) {
    const { proxy, args } = await throughProxy();
    const name = `server ${i}`;
    const own = [...args, "--role", "server"];
    serverNodes.push(stack.use(new ServerNode(name, own, await freePort(), proxy, run(name))));
  }
  const workerNodes: ClusterNode[] = [];
  for (let i = 0; i < workers; i++) {
    const { proxy, args } = await throughProxy();
    const name = `worker ${i}`;
    workerNodes.push(stack.use(new ClusterNode(name, [...args, "--role", "worker"], proxy, run(name))));
  }
  const nodes = [...serverNodes, ...workerNodes];
  // All make the tables at once.
  await Promise.all(nodes.map((node) => node.start()));
  await ask(url, AUDIT);
  const kept = stack.move();
  return {
    servers: serverNodes,
    workers: workerNodes,
    nodes,
    effects,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
