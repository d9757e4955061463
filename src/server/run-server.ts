import cluster from "node:cluster";
import type { ConnectRouter } from "@connectrpc/connect";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import type { OperationManager } from "../manager/operation-manager.ts";
import { SimulateWork } from "../simulator/simulate-work.ts";
import { createSimulatorService } from "../simulator/simulator-service.ts";
import type { OperationStore } from "../store/operation-store.ts";
import { RemoteStore } from "../store/remote/remote-store.ts";
import { systemClock } from "../time/clock.ts";
import { type Config, type FurtherOption, readConfig, usage } from "./config.ts";
import { createOperations } from "./create-operations.ts";
import { openAccess } from "./open-access.ts";
import { openEngine } from "./open-engine.ts";
import { openStore, StoreRefused } from "./open-store.ts";
import { openTelemetry } from "./open-telemetry.ts";
import type { OperationMethod } from "./operation-routes.ts";
import { channelToPrimary } from "./process-channel.ts";
import { readTls } from "./read-tls.ts";
import { processIndex, runProcesses } from "./run-processes.ts";
import { serve } from "./serve.ts";
import { openLog, type ServerLog } from "./server-log.ts";
import { UsageError } from "./usage-error.ts";

/** A service whose flag was given. */
export interface OpenService {
  /** Registers the handlers of its resumable operations. */
  register?(manager: OperationManager): void;
  routes(router: ConnectRouter, manager: OperationManager): void;
}

/** A service that a flag adds to the server. */
export interface FurtherService {
  readonly option: FurtherOption;
  readonly methods: readonly OperationMethod[];
  /** Looks at the flag's value. Throws a UsageError where it is wrong. */
  open(value: string): Promise<OpenService>;
}

/**
 * Runs a server until SIGTERM or SIGINT, and sets the process's exit code: 0 after a clean stop, 1 where the
 * server could not listen or use its store, 2 for flags that cannot be understood. `program` is what it is called by.
 */
export async function runServer(
  args: readonly string[],
  services: readonly FurtherService[] = [],
  program?: string,
): Promise<void> {
  try {
    const options = services.map(({ option }) => option);
    const config = readConfig(args, process.env, options);
    if (config === "help") process.stdout.write(usage(options, program));
    else await runAs(config, services, await openLog(config.telemetry.logFormat));
  } catch (error) {
    const text = faultOf(error);
    if (text === undefined) throw error;
    process.stderr.write(`${text}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

async function runAs(config: Config, services: readonly FurtherService[], log: ServerLog): Promise<void> {
  if (config.processes === 1) await runAlone(config, services, log);
  else if (cluster.isPrimary) process.exitCode = await runPrimary(config, log);
  else await runUnderPrimary(config, services, log);
}

async function runAlone(config: Config, services: readonly FurtherService[], log: ServerLog): Promise<void> {
  const stopped = stopSignal();
  const open = await openMounts(config, services);
  await using store = await openStore(config.store, log);
  await run(config, open, { store, stopped, log, index: 0, onReady: (url) => sayReady(log, url) });
}

/** What a process may take to end besides what its grace period allows. */
const PATIENCE_MS = 5_000;

/** Runs the processes of a server, and owns their store where only one process can. */
async function runPrimary(config: Config, log: ServerLog): Promise<number> {
  const stopped = stopSignal();
  await using store = config.store.kind === "postgres" ? undefined : await openStore(config.store, log);
  return await runProcesses({
    ...{ count: config.processes, store, clock: systemClock, stopped },
    // Calls and then work have the grace period, one after the other.
    patienceMs: 2 * config.graceMs + PATIENCE_MS,
    onReady: (url) => sayReady(log, url, config.processes),
    onDeath: (what) => log.error(what),
  });
}

/** Runs one of several processes. */
async function runUnderPrimary(
  config: Config,
  services: readonly FurtherService[],
  log: ServerLog,
): Promise<void> {
  const stopped = Promise.race([stopSignal(), stopMessage()]);
  try {
    const open = await openMounts(config, services);
    const isOwn = config.store.kind === "postgres";
    await using store = isOwn ? await openStore(config.store, log) : new RemoteStore(channelToPrimary());
    const onReady = (url: string | undefined) => process.send?.({ ready: { url } });
    await run(config, open, { store, stopped, log, index: processIndex(), onReady });
  } finally {
    // The way to the primary would keep this process.
    process.channel?.unref();
  }
}

interface Surroundings {
  readonly store: OperationStore;
  readonly stopped: Promise<void>;
  readonly log: ServerLog;
  /** Which of the processes of the server this is, from 0 on. */
  readonly index: number;
  /** It serves; undefined where it does not listen. */
  onReady(url: string | undefined): void;
}

function sayReady(log: ServerLog, url: string | undefined, processes = 1): void {
  const by = processes === 1 ? "" : ` with ${processes} processes`;
  log.info(url === undefined ? `working${by}, and not listening` : `listening on ${url}${by}`);
}

async function openMounts(config: Config, services: readonly FurtherService[]) {
  const opened = await openServices(config, services);
  const tls = config.tls && (await readTls(config.tls, config.access?.clientCaFile));
  const access = config.access && (await openAccess(config.access));
  return { opened, tls, access };
}

async function run(
  config: Config,
  { opened, tls, access }: Awaited<ReturnType<typeof openMounts>>,
  { store, stopped, log, index, onReady }: Surroundings,
): Promise<void> {
  await using open = await openTelemetry(config.telemetry, index);
  if (open?.url !== undefined) log.info(`metrics on ${open.url}`);
  await using engine = await openEngine(config.engineUrl, log);
  await using operations = createOperations({
    store: open?.telemetry.observedStore(store) ?? store,
    observer: open?.telemetry.observer,
    logger: log,
    engine,
    methods: opened.methods,
    maxWaitMs: config.maxWaitMs,
    leaseMs: config.leaseMs,
    concurrency: config.concurrency,
    runsHandlers: config.role !== "server",
    graceMs: config.graceMs,
    retentionMs: config.retentionMs,
    mostKeptPerParent: config.mostKeptPerParent,
    ...config.limits,
    watch: config.watch,
    errorDomain: config.errorDomain,
    access,
  });
  opened.register(operations.manager);
  if (config.role === "worker") {
    onReady(undefined);
    await stopped;
    return;
  }
  await using server = await serve({
    operations,
    host: config.host,
    insecure: config.isInsecure,
    port: config.port,
    graceMs: config.graceMs,
    ...config.limits,
    reflection: config.reflection,
    rest: config.rest ? {} : false,
    direct: config.direct,
    console: config.console,
    tls,
    logger: log,
    connect: open && { interceptors: [open.telemetry.serverInterceptor] },
    allowedHosts: config.allowedHosts,
    cors: config.corsOrigins.length > 0 ? { allowedOrigins: config.corsOrigins } : undefined,
    routes: (router) => opened.routes(router, operations.manager),
  });
  onReady(server.url);
  await stopped;
}

async function openServices(config: Config, services: readonly FurtherService[]) {
  const methods: OperationMethod[] = [];
  const mounts: OpenService[] = [];
  if (config.simulator) {
    methods.push([SimulatorService.method.simulateWork, SimulateWork]);
    mounts.push({
      routes: (router, manager) => router.service(SimulatorService, createSimulatorService(manager)),
    });
  }
  for (const { option, methods: own, open } of services) {
    const value = config.further.get(option.name);
    if (value === undefined) continue;
    mounts.push(await open(value));
    methods.push(...own);
  }
  const routes = (router: ConnectRouter, manager: OperationManager) => {
    for (const mount of mounts) mount.routes(router, manager);
  };
  const register = (manager: OperationManager) => {
    for (const mount of mounts) mount.register?.(manager);
  };
  return { methods, register, routes };
}

/** Resolves at the first SIGTERM or SIGINT. A second one ends the process as it would without us. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off("SIGTERM", stop);
      process.off("SIGINT", stop);
      resolve();
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}

/** Resolves when the process that has started this one says so. */
function stopMessage(): Promise<void> {
  return new Promise((resolve) => {
    process.on("message", (message: unknown) => {
      if (typeof message === "object" && message !== null && "stop" in message) resolve();
    });
  });
}

/** What looking up or taking an address that is none of this machine fails with. */
const ADDRESS_FAULTS = ["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN", "EAI_FAIL", "EAFNOSUPPORT", "EINVAL"];

/** The sentence for an error that a person can mend; undefined for one that is ours. */
function faultOf(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof StoreRefused) return error.message;
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const address = "address" in error && "port" in error ? `${error.address}:${error.port}` : "the address";
  if (error.code === "EADDRINUSE") return `${address} is in use by another server; --port picks another port`;
  if (error.code === "EACCES") return `${address} may not be listened on; ports below 1024 need privileges`;
  if (ADDRESS_FAULTS.includes(String(error.code))) return `cannot listen: ${error.message}`;
  return undefined;
}
