import { isHostName } from "./allowed-hosts.ts";
import { UsageError } from "./usage-error.ts";

// What the flags of the server may say. Each function throws a UsageError that names the flag and its value.

/** Where operations are kept: in memory, in an SQLite file, or in PostgreSQL. */
export type StoreAddress =
  | { readonly kind: "memory" }
  | { readonly kind: "sqlite"; readonly file: string }
  | { readonly kind: "postgres"; readonly url: string };

/** Whether a process answers calls, runs the handlers of resumable work, or does both. */
export type Role = "server" | "worker" | "all";

/** An address to listen on. */
export function readHost(text: string): string {
  if (text === "") throw new UsageError('--host "" is no address');
  return text;
}

/** A name by which the server may be called. */
export function readAllowedHost(text: string): string {
  if (text === "*" || isHostName(text)) return text;
  throw new UsageError(`--allow-host "${text}" is not the name of a host, such as operations.example.com`);
}

/** A port; 0 has one picked. */
export function readPort(source: string, text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`${source} "${text}" is not a port from 0 to 65535`);
}

/** Where operations are kept. An address that is refused is told without its password. */
export function readStore(text: string): StoreAddress {
  if (text === "memory") return { kind: "memory" };
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { kind: "postgres", url: text };
  const file = text.startsWith("sqlite:") ? text.slice("sqlite:".length) : "";
  if (file !== "" && !file.includes("\0")) return { kind: "sqlite", file };
  // An address may hold a password.
  const shown = text.includes("://") ? `${text.slice(0, text.indexOf("://"))}://…` : text;
  throw new UsageError(`--store "${shown}" is not a store; sqlite:FILE, memory and postgres://HOST/DB are`);
}

/** The address of a Redis, where one is given. */
export function readEngine(text: string | undefined): string | undefined {
  if (text === undefined || (/^rediss?:\/\//.test(text) && URL.canParse(text))) return text;
  const shown = text.includes("://") ? `${text.slice(0, text.indexOf("://"))}://…` : text;
  throw new UsageError(`--engine "${shown}" is not an address of Redis; redis://HOST and rediss://HOST are`);
}

/** What a process does. */
export function readRole(text: string): Role {
  if (text === "server" || text === "worker" || text === "all") return text;
  throw new UsageError(`--role "${text}" is not a role; server, worker and all are`);
}

/** More than any machine has use for. */
const MOST_PROCESSES = 512;

/** How many processes run. */
export function readProcesses(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MOST_PROCESSES) return Number(text);
  throw new UsageError(`--processes "${text}" is not a number from 1 to ${MOST_PROCESSES}`);
}

/** Who refuses, in the ErrorInfo of errors. */
export function readErrorDomain(text: string | undefined): string | undefined {
  if (text !== "") return text;
  throw new UsageError('--error-domain "" names nobody');
}

/** How much resumable work runs at a time. */
export function readConcurrency(text: string | undefined): number | undefined {
  const concurrency = readCount("--concurrency", text);
  if (concurrency !== 0) return concurrency;
  throw new UsageError('--concurrency "0" runs nothing; --role server does that');
}

/** A shorter lease would end in a pause of the garbage collector. */
const SHORTEST_LEASE_MS = 1_000;

/** How long a lease lasts, in milliseconds. */
export function readLease(text: string): number {
  const leaseMs = readDuration("--lease", text);
  if (leaseMs >= SHORTEST_LEASE_MS) return leaseMs;
  throw new UsageError(`--lease "${text}" is shorter than 1s`);
}

/** A number of things, where one is given. */
export function readCount(source: string, text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,9}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new UsageError(`${source} "${text}" is not a number from 0 to 999999999`);
}

/** How many there may be, where that is given: none at all would be a server that does nothing. */
export function readMost(source: string, text: string | undefined): number | undefined {
  const most = readCount(source, text);
  if (most !== 0) return most;
  throw new UsageError(`${source} "0" lets nobody do anything`);
}

/** A time in which something must be done, in milliseconds, where one is given. */
export function readTimeout(source: string, text: string | undefined): number | undefined {
  const timeoutMs = text === undefined ? undefined : readDuration(source, text);
  if (timeoutMs !== 0) return timeoutMs;
  throw new UsageError(`${source} "${text}" lets nobody do anything`);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time in milliseconds. */
export function readDuration(source: string, text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit ?? ""];
  if (amount !== undefined && unitMs !== undefined) return Number(amount) * unitMs;
  throw new UsageError(`${source} "${text}" is not a duration such as 90s, 4m or 30d`);
}
