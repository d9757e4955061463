import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type Health,
  type HealthCheckRequest,
  HealthCheckResponseSchema,
  HealthListResponseSchema,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/health/v1/health_pb.ts";
import { serviceNotFound } from "../operation/errors.ts";

type Response = MessageInitShape<typeof HealthCheckResponseSchema>;

/** grpc.health.v1: every mounted service serves, until the server stops. */
export class HealthService implements ServiceImpl<typeof Health> {
  readonly #mounted: () => Iterable<string>;
  readonly #stopping = new AbortController();

  /** Asks for the full names of the services at each call. The empty name is the server as a whole. */
  constructor(mounted: () => Iterable<string>) {
    this.#mounted = mounted;
  }

  /** From now on nothing serves. Those who watch are told, and their calls end. */
  stop(): void {
    this.#stopping.abort();
  }

  check({ service }: HealthCheckRequest): Response {
    if (!this.#services.has(service)) throw serviceNotFound(service);
    return { status: this.#status() };
  }

  list(): MessageInitShape<typeof HealthListResponseSchema> {
    const status = create(HealthCheckResponseSchema, { status: this.#status() });
    const statuses = Object.fromEntries([...this.#services].map((service) => [service, status]));
    return create(HealthListResponseSchema, { statuses });
  }

  async *watch({ service }: HealthCheckRequest, context: HandlerContext): AsyncIterable<Response> {
    const first = this.#services.has(service) ? this.#status() : ServingStatus.SERVICE_UNKNOWN;
    yield { status: first };
    await this.#stopped(context.signal);
    const isNews = first === ServingStatus.SERVING && !context.signal.aborted;
    if (isNews) yield { status: ServingStatus.NOT_SERVING };
  }

  get #services(): ReadonlySet<string> {
    return new Set(["", ...this.#mounted()]);
  }

  #status(): ServingStatus {
    return this.#stopping.signal.aborted ? ServingStatus.NOT_SERVING : ServingStatus.SERVING;
  }

  /** Resolves when the server stops, or the call is over. */
  async #stopped(signal: AbortSignal): Promise<void> {
    const stopping = this.#stopping.signal;
    if (stopping.aborted || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        stopping.removeEventListener("abort", wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      stopping.addEventListener("abort", wake);
      signal.addEventListener("abort", wake);
    });
  }
}
