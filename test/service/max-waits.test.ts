import { Code, type ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { until } from "../until.ts";
import { type OpenService, type OpenServiceOptions, openService } from "./open-service.ts";
import { grpc, protocols } from "./protocols.ts";
import { errorInfosOf, refusalOf } from "./refusal.ts";
import { finish, keepRunning } from "./stored.ts";

const CALLER = "x-caller";

/** A service that takes a header's word for who calls. */
function openLimited(options: OpenServiceOptions, protocol = grpc): Promise<OpenService> {
  return openService(protocol, {
    principalOf: ({ requestHeader }) => requestHeader.get(CALLER) ?? undefined,
    ...options,
  });
}

function wait({ client }: OpenService, name: string, caller?: string) {
  return client.waitOperation({ name }, caller === undefined ? {} : { headers: { [CALLER]: caller } });
}

/** Lets so many calls wait for an operation, and answers its name. */
async function waitMany(service: OpenService, count: number, caller?: string): Promise<string> {
  const name = await keepRunning(service.store);
  for (let i = 0; i < count; i++) wait(service, name, caller).catch(() => {});
  await until(() => service.operations.service.waiting === count);
  return name;
}

describe.each(protocols)("a wait beyond the limit, over $name", (protocol) => {
  it("is refused", async () => {
    await using service = await openLimited({ maxWaits: 2 }, protocol);
    const name = await waitMany(service, 2);
    expect((await refusalOf(wait(service, name))).code).toBe(Code.ResourceExhausted);
  });
});

describe("a wait beyond the limit", () => {
  async function refusal(): Promise<ConnectError> {
    await using service = await openLimited({ maxWaits: 2 });
    const name = await waitMany(service, 2);
    return await refusalOf(wait(service, name));
  }

  it("is told which limit it is", async () => {
    expect(errorInfosOf(await refusal())).toMatchObject([
      { reason: "TOO_MANY_WAITS", metadata: { scope: "process", limit: "2" } },
    ]);
  });

  it("is told when to come again", async () => {
    expect((await refusal()).findDetails(RetryInfoSchema)).toMatchObject([{ retryDelay: { seconds: 1n } }]);
  });

  it("is taken when another has ended", async () => {
    await using service = await openLimited({ maxWaits: 2 });
    const first = await waitMany(service, 2);
    await finish(service.store, first);
    await until(() => service.operations.service.waiting === 0);
    const second = await waitMany(service, 1);
    const answered = wait(service, second);
    await finish(service.store, second);
    expect((await answered).done).toBe(true);
  });

  it("keeps nobody from asking how the operation is", async () => {
    await using service = await openLimited({ maxWaits: 1 });
    const name = await waitMany(service, 1);
    expect((await service.client.getOperation({ name })).name).toBe(name);
  });

  it("keeps nobody from a wait that does not wait", async () => {
    await using service = await openLimited({ maxWaits: 1 });
    const name = await waitMany(service, 1);
    expect((await service.client.waitOperation({ name, timeout: {} })).name).toBe(name);
  });
});

describe("a wait of a principal", () => {
  it("beyond its limit is refused", async () => {
    await using service = await openLimited({ maxWaitsPerPrincipal: 1 });
    const name = await waitMany(service, 1, "a");
    expect(errorInfosOf(await refusalOf(wait(service, name, "a")))).toMatchObject([
      { reason: "TOO_MANY_WAITS", metadata: { scope: "principal" } },
    ]);
  });

  it("does not use up another's", async () => {
    await using service = await openLimited({ maxWaitsPerPrincipal: 1 });
    const name = await waitMany(service, 1, "a");
    wait(service, name, "b").catch(() => {});
    await until(() => service.operations.service.waiting === 2);
    expect(service.operations.service.waiting).toBe(2);
  });

  it("that nobody knows has no limit of its own", async () => {
    await using service = await openLimited({ maxWaitsPerPrincipal: 1 });
    await waitMany(service, 3);
    expect(service.operations.service.waiting).toBe(3);
  });
});
