import { type Client, createClient, type Transport } from "@connectrpc/connect";
import {
  WatchOperationsResponse_End_Reason as EndReason,
  WatchOperationsResponse_Gone_Reason as GoneReason,
  OperationsWatchService,
  type WatchOperationsResponse,
} from "../../gen/longrunning/v1/watch_pb.ts";

type Request = Parameters<Client<typeof OperationsWatchService>["watchOperations"]>[0];

/** A watch as a client reads it: each event as one word, in the order in which they came. */
export interface Watching extends AsyncDisposable {
  /** The next event. Rejects where the stream fails. */
  next(): Promise<string>;
  /** The events up to this one, which is the last of them. */
  upTo(last: string): Promise<string[]>;
  /** All events up to the end of the stream. */
  rest(): Promise<string[]>;
  /** Leaves. */
  leave(): void;
}

/** Begins to watch. */
export function watching(
  transport: Transport,
  request: Request,
  options: { headers?: HeadersInit; timeoutMs?: number } = {},
): Watching {
  const left = new AbortController();
  const client = createClient(OperationsWatchService, transport);
  const stream = client.watchOperations(request, { ...options, signal: left.signal });
  const events = stream[Symbol.asyncIterator]();
  const next = async () => {
    const event = await events.next();
    return event.done === true ? "closed" : wordOf(event.value);
  };
  const upTo = async (last: string) => {
    const words: string[] = [];
    while (words.at(-1) !== last && words.at(-1) !== "closed") words.push(await next());
    return words;
  };
  return {
    next,
    upTo,
    rest: () => upTo("closed"),
    leave: () => left.abort(),
    async [Symbol.asyncDispose]() {
      left.abort();
    },
  };
}

/** `complete`, `keepAlive`, `end ALL_DONE`, `gone NAME DELETED`, and of an operation its name and how far it is. */
export function wordOf({ event }: WatchOperationsResponse): string {
  switch (event.case) {
    case "operation": {
      const { name, done } = event.value;
      return `${name} ${done ? "done" : "running"}`;
    }
    case "gone":
      return `gone ${event.value.name} ${nameIn(GoneReason, event.value.reason)}`;
    case "end":
      return `end ${nameIn(EndReason, event.value.reason)}`;
    case "snapshotComplete":
      return "complete";
    default:
      return event.case ?? "unknown";
  }
}

function nameIn(names: Readonly<Record<string, number>>, value: number): string {
  return Object.entries(names).find(([, number]) => number === value)?.[0] ?? String(value);
}
