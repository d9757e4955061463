import { createClient, createRouterTransport } from "@connectrpc/connect";
import { Operations } from "../../gen/google/longrunning/operations_pb.ts";
import { newStoredOperation } from "../../src/operation/stored-operation.ts";
import { OperationsService } from "../../src/service/operations-service.ts";
import { MemoryStore } from "../../src/store/memory/memory-store.ts";
import { openMetricsEndpoint } from "../../src/telemetry/prometheus/metrics-endpoint.ts";
import { createTelemetry } from "../../src/telemetry/telemetry.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

/** More than any alert allows, in milliseconds. */
const TOO_LONG_MS = 3_000;

const NAME = "operations/slow";
const slow = newStoredOperation({ name: NAME, parent: "", createTimeMs: 0 });

/** A process whose store is slow and refuses, whose waits are told late, whose leases are lost and whose sweep lags. */
export interface SickProcess extends AsyncDisposable {
  /** Where its metrics are. */
  readonly target: string;
}

/** Measures that over and over, by the instruments that every server has, on a clock of its own. */
export async function openSickProcess(): Promise<SickProcess> {
  const clock = new FakeClock();
  const endpoint = await openMetricsEndpoint({ port: 0 });
  const telemetry = createTelemetry({ meterProvider: endpoint.meterProvider, clock });
  class SlowStore extends MemoryStore {
    override async get(name: string) {
      clock.advance(TOO_LONG_MS);
      return super.get(name);
    }
    override async getByRequest(): Promise<never> {
      throw new Error("no");
    }
  }
  const store = telemetry.observedStore(new SlowStore({ clock }));
  await store.insert(slow);
  const transport = createRouterTransport(
    (router) => router.service(Operations, new OperationsService(store, { clock })),
    { router: { interceptors: [telemetry.serverInterceptor] } },
  );
  const client = createClient(Operations, transport);
  const fallIll = async () => {
    await client.getOperation({ name: NAME });
    await store.getByRequest("x").catch(() => {});
    const waitEnds = telemetry.observer.waitBegins?.(NAME);
    const endTimeMs = clock.wallMs();
    clock.advance(TOO_LONG_MS);
    waitEnds?.({ ...slow, endTimeMs });
    telemetry.observer.leaseLost?.(NAME);
    telemetry.observer.swept?.(200_000);
  };
  const timer = setInterval(fallIll, 200);
  return {
    target: new URL(endpoint.url).host,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await endpoint.close();
    },
  };
}
