import { setImmediate as nextTurn } from "node:timers/promises";
import { Code, ConnectError, createContextKey, type HandlerContext } from "@connectrpc/connect";

/** Values of a context that gates, interceptors and adapters set for handlers. */
export const MARK = createContextKey("none", { description: "mark" });

/** What Connect promises of a context: a copy of one has it too. */
const PUBLIC_KEYS = [
  ...["method", "service", "requestMethod", "url", "signal", "timeoutMs", "requestHeader", "responseHeader"],
  ...["responseTrailer", "protocolName", "values"],
];

/** A signal that has not fired so long after its call will not fire any more. */
const SIGNAL_PATIENCE_MS = 1_000;

/** Timeouts within one step of these are the same: time goes by between two servers. */
const TIMEOUT_STEP_MS = 500;

/** What happened in a server, in the order in which it did. */
export type Note = readonly [what: string, ...facts: unknown[]];

/** What a server's handlers, gates and interceptors saw of the calls that were made to it. */
export class Journal {
  #notes: Note[] = [];
  #settling: Promise<void>[] = [];
  #onNote = Promise.withResolvers<void>();

  note(...note: Note): void {
    this.#notes.push(note);
    this.#onNote.resolve();
  }

  /** Resolves when something has happened. */
  get noted(): Promise<void> {
    return this.#onNote.promise;
  }

  /** Notes all that can be seen of a context, and when its signal fires. */
  look(context: HandlerContext): void {
    this.note("context", shownContext(context));
    this.note("before", shownSignal(context.signal));
    this.#settling.push(this.#noteEnd(context));
  }

  /** Notes what can be seen of a context that nobody has looked at before the call was over. */
  lookLate(context: HandlerContext): void {
    this.#settling.push(
      (async () => {
        await turns(10);
        await fired(() => context.signal);
        this.note("late", shownSignal(context.signal), shownHeaders(context.requestHeader));
      })(),
    );
  }

  /** What happened since it was asked last, once nothing more will. */
  async taken(): Promise<readonly Note[]> {
    // A server may hear of its client's end after its client.
    await turns(5);
    await Promise.all(this.#settling);
    const notes = this.#notes;
    this.#notes = [];
    this.#settling = [];
    this.#onNote = Promise.withResolvers<void>();
    // Those that are made when all is over are made at no certain time.
    return notes.toSorted(([a], [b]) => Number(a === "late") - Number(b === "late"));
  }

  async #noteEnd(context: HandlerContext): Promise<void> {
    await fired(() => context.signal);
    this.note("after", shownSignal(context.signal));
  }
}

/** Lets everything else go on for a while. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn();
}

async function fired(signalOf: () => AbortSignal): Promise<void> {
  const startedMs = performance.now();
  while (!signalOf().aborted && performance.now() - startedMs < SIGNAL_PATIENCE_MS) await nextTurn();
}

function shownContext(context: HandlerContext) {
  const spread = { ...context };
  return {
    keys: PUBLIC_KEYS.filter((key) => key in spread),
    service: context.service.typeName,
    method: context.method.name,
    ...{ requestMethod: context.requestMethod, url: context.url, protocolName: context.protocolName },
    requestHeader: shownHeaders(context.requestHeader),
    responseHeader: shownHeaders(context.responseHeader),
    responseTrailer: shownHeaders(context.responseTrailer),
    timeout: shownTimeout(context.timeoutMs()),
    mark: context.values.get(MARK),
    spreadIsSame: spread.signal === context.signal && spread.requestHeader === context.requestHeader,
  };
}

/** Entries as a handler is given them. */
export function shownHeaders(headers: Headers): readonly (readonly [string, string])[] {
  return [...headers];
}

function shownTimeout(timeoutMs: number | undefined): string {
  if (timeoutMs === undefined) return "none";
  if (timeoutMs <= TIMEOUT_STEP_MS) return "soon";
  return `at most ${Math.ceil(timeoutMs / TIMEOUT_STEP_MS) * TIMEOUT_STEP_MS} ms`;
}

function shownSignal(signal: AbortSignal): string {
  return signal.aborted ? `aborted by ${shownReason(signal.reason)}` : "not aborted";
}

/** What was thrown, or what a signal was aborted for, with all that one can tell it by. */
export function shownReason(reason: unknown): string {
  if (reason instanceof ConnectError) {
    return `ConnectError ${Code[reason.code]} "${reason.rawMessage}", cause ${shownReason(reason.cause)}`;
  }
  if (reason instanceof Error) return `${reason.constructor.name} ${reason.name} "${reason.message}"`;
  return typeof reason === "object" ? JSON.stringify(reason) : String(reason);
}
