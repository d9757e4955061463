import type { DescMethodUnary, DescService } from "@bufbuild/protobuf";
import type { ContextValues, HandlerContext } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import type { Clock } from "../time/clock.ts";
import { type LightSignal, lightSignal } from "../time/light-signal.ts";
import type { CallForm } from "./call-form.ts";
import { CallValues } from "./call-values.ts";
import type { DirectMethod } from "./direct-method.ts";
import type { DirectRequest } from "./direct-request.ts";
import { deadlinePassed } from "./errors.ts";
import type { HeldHeaders } from "./held-headers.ts";
import type { Touched } from "./wire-answer.ts";

/** Where a request went. */
export interface RequestTarget {
  readonly isEncrypted: boolean;
  readonly authority: string | undefined;
  readonly path: string;
}

/**
 * The context of a unary call. What it holds is made when somebody asks for it: headers, URL, values, the signal and its
 * timer. It is its own light signal.
 */
export abstract class CallContext implements HandlerContext, LightSignal {
  readonly direct: DirectMethod;
  readonly form: CallForm;
  protected readonly headers: HeldHeaders;
  /** What the answer is compressed with, where it is large; undefined: nothing. */
  protected readonly compression: Compression | undefined;
  readonly #clock: Clock;
  /** Undefined: the caller gives it any time. */
  readonly #deadlineMs: number | undefined;
  #values: ContextValues | undefined;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #controller: AbortController | undefined;
  #callOff: (() => void) | undefined;
  #listener: (() => void) | undefined;
  #isOver = false;
  #reasonOf: (() => unknown) | undefined;

  constructor(asked: DirectRequest, headers: HeldHeaders, clock: Clock, values: ContextValues | undefined) {
    this.direct = asked.method;
    this.form = asked.form;
    this.compression = asked.compression;
    this.headers = headers;
    this.#clock = clock;
    this.#values = values;
    this.#deadlineMs = asked.timeoutMs === undefined ? undefined : clock.monotonicMs() + asked.timeoutMs;
  }

  /** Headers that handlers do not see. */
  protected abstract get hiddenHeaders(): readonly string[];

  /** Where the request went. */
  protected abstract get target(): RequestTarget;

  /** What the answer says of itself before anybody has said more. */
  protected abstract firstResponseHeader(): Headers;

  get method(): DescMethodUnary {
    return this.direct.method;
  }

  get service(): DescService {
    return this.direct.method.parent;
  }

  get requestMethod(): string {
    return "POST";
  }

  get protocolName(): string {
    return this.form.protocol;
  }

  get url(): string {
    const { isEncrypted, authority, path } = this.target;
    return new URL(path, `${isEncrypted ? "https" : "http"}://${authority}`).toString();
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= this.headers.web(this.hiddenHeaders);
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= this.firstResponseHeader();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers(this.form.isEnveloped ? { "grpc-status": "0" } : undefined);
    return this.#responseTrailer;
  }

  get values(): ContextValues {
    this.#values ??= new CallValues();
    return this.#values;
  }

  timeoutMs(): number | undefined {
    return this.#deadlineMs === undefined ? undefined : this.#deadlineMs - this.#clock.monotonicMs();
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#openSignal();
    return this.#controller.signal;
  }

  /** Undefined where the server's own signal would have to be listened to as well. */
  get [lightSignal](): LightSignal | undefined {
    return this.direct.shutdownSignal === undefined ? this : undefined;
  }

  get aborted(): boolean {
    return this.#isOver;
  }

  onAbort(listener: (() => void) | undefined): void {
    this.#listener = listener;
    // Whoever listens waits.
    if (listener !== undefined) this.headers.slim();
  }

  /** What gate, interceptors and implementation have set for the answer; undefined where nobody has looked at it. */
  protected get touched(): Touched {
    return { header: this.#responseHeader, trailer: this.#responseTrailer };
  }

  /**
   * Nobody waits for this call any more, for that reason; undefined: it is answered. Reasons are made for those who ask:
   * an error costs more than all the rest of a call that is reset.
   */
  protected over(reasonOf?: () => unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reasonOf = reasonOf;
    this.#callOff?.();
    this.#listener?.();
    this.#controller?.abort(reasonOf?.());
  }

  #openSignal(): AbortController {
    const controller = new AbortController();
    const { shutdownSignal } = this.direct;
    if (this.#isOver) controller.abort(this.#reasonOf?.());
    else if (shutdownSignal?.aborted) controller.abort(shutdownSignal.reason);
    else {
      shutdownSignal?.addEventListener("abort", () => controller.abort(shutdownSignal.reason), {
        signal: controller.signal,
      });
      const leftMs = this.timeoutMs();
      const end = () => controller.abort(deadlinePassed());
      if (leftMs !== undefined && leftMs <= 0) end();
      else if (leftMs !== undefined) this.#callOff = this.#clock.after(leftMs, end);
    }
    return controller;
  }
}

/** The same context as an object of its own, of which `{ ...context }` is a copy. */
export function spreadable(context: CallContext): HandlerContext {
  const { method, service, requestMethod, protocolName } = context;
  return {
    ...{ method, service, requestMethod, protocolName },
    timeoutMs: () => context.timeoutMs(),
    get url() {
      return context.url;
    },
    get signal() {
      return context.signal;
    },
    get requestHeader() {
      return context.requestHeader;
    },
    get responseHeader() {
      return context.responseHeader;
    },
    get responseTrailer() {
      return context.responseTrailer;
    },
    get values() {
      return context.values;
    },
  };
}
