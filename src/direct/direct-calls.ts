import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../time/clock.ts";
import { BodiesInPieces } from "./body-pieces.ts";
import { formOf } from "./call-form.ts";
import { DateHeader } from "./date-header.ts";
import { connectTimeoutMs, grpcTimeoutMs, LONGEST_TIMEOUT_S } from "./deadline.ts";
import type { DirectMethod } from "./direct-method.ts";
import type { DirectRequest } from "./direct-request.ts";
import { OpenCalls } from "./open-calls.ts";
import { ReadyCalls } from "./ready-calls.ts";
import type { WatchAnswer } from "./untaken-answer.ts";
import { WrittenOnce } from "./written-once.ts";

/** Clients may call a server by any number of names. */
const MOST_AUTHORITIES = 64;

/** How calls are answered directly. */
export interface DirectCallsOptions {
  readonly clock: Clock;
  readonly watchAnswer?: WatchAnswer | undefined;
  /** Headers of requests that handlers do not see. None by default. */
  readonly hiddenHeaders?: readonly string[] | undefined;
}

/** What the direct calls of a server have in common. */
export class DirectCalls {
  readonly clock: Clock;
  readonly written = new WrittenOnce();
  readonly ready = new ReadyCalls();
  readonly inPieces = new BodiesInPieces();
  readonly open: OpenCalls;
  readonly date: DateHeader;
  readonly #methods: ReadonlyMap<string, DirectMethod>;

  readonly watchAnswer: WatchAnswer | undefined;
  readonly hiddenHeaders: readonly string[];
  /** Hosts that can stand in a URL, as Connect needs it. */
  readonly #authorities = new Set<string>();

  /** Methods by their paths. */
  constructor(methods: ReadonlyMap<string, DirectMethod>, options: DirectCallsOptions) {
    this.#methods = methods;
    this.clock = options.clock;
    this.watchAnswer = options.watchAnswer;
    this.hiddenHeaders = options.hiddenHeaders ?? [];
    this.open = new OpenCalls(options.clock);
    this.date = new DateHeader(options.clock);
  }

  /** What a request asks for; undefined where Connect's own handler is to answer it from the beginning. */
  requestOf(
    verb: string | undefined,
    path: string,
    authority: string | undefined,
    headers: IncomingHttpHeaders,
  ): DirectRequest | undefined {
    const method = verb === "POST" ? this.#methods.get(path) : undefined;
    const form = method && formOf(headers["content-type"]);
    if (form === undefined || !method?.speaks(form) || !this.#isHost(authority)) return undefined;
    const encoding = headers[form.encodingHeader];
    if (encoding !== undefined && encoding !== "identity") return undefined;
    // Connect refuses what announces too much before it comes.
    if (Number(headers["content-length"] ?? 0) > method.readMaxBytes) return undefined;
    const accepted = headers[form.acceptEncodingHeader];
    const compression = accepted === undefined ? undefined : method.compressionFor(String(accepted));
    const timeout = headers[form.timeoutHeader];
    if (timeout === undefined) return { method, form, timeoutMs: undefined, compression };
    const timeoutMs = (form.isEnveloped ? grpcTimeoutMs : connectTimeoutMs)(String(timeout));
    const isPossible =
      timeoutMs !== undefined && timeoutMs <= Math.min(method.maxTimeoutMs, LONGEST_TIMEOUT_S * 1_000);
    return isPossible ? { method, form, timeoutMs, compression } : undefined;
  }

  #isHost(authority: string | undefined): boolean {
    if (authority === undefined) return false;
    if (this.#authorities.has(authority)) return true;
    if (!URL.canParse("/", `http://${authority}`)) return false;
    if (this.#authorities.size < MOST_AUTHORITIES) this.#authorities.add(authority);
    return true;
  }
}
