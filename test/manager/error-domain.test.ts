import { once } from "node:events";
import { StringValueSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { errorOfStatus, operationNotFound } from "../../src/operation/errors.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { statusOfError } from "../../src/operation/status.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { errorInfosOf } from "../service/refusal.ts";
import { settled } from "../until.ts";
import { forever, openManager } from "./open-manager.ts";
import { openShared } from "./open-shared.ts";

const errorDomain = "reports.example.com";

type Manager = ReturnType<typeof openManager>;

/** How an operation comes to its end by itself, or by its manager. */
const ENDS: readonly (readonly [string, (opened: Manager) => Promise<string>])[] = [
  [
    "WORK_FAILED",
    async ({ manager }) => nameOf(manager.start(SimulateWork, () => Promise.reject(new Error("a secret")))),
  ],
  [
    "WORK_FAILED",
    async ({ manager }) => {
      const { name } = await manager.newOperation(SimulateWork);
      await manager.setError(name, new Error("a secret"));
      return name;
    },
  ],
  [
    "OPERATION_CANCELLED",
    async ({ manager, cancel }) => {
      const name = await nameOf(manager.start(SimulateWork, untilAborted));
      await cancel(name);
      return name;
    },
  ],
  [
    "SERVER_STOPPED",
    async ({ manager }) => {
      const name = await nameOf(manager.start(SimulateWork, untilAborted));
      await manager.close();
      return name;
    },
  ],
  [
    "SERVER_STOPPED",
    async ({ manager, clock }) => {
      const name = await nameOf(manager.start(SimulateWork, forever));
      const closing = manager.close();
      await settled();
      clock.advance(1);
      await closing;
      return name;
    },
  ],
  [
    "OPERATION_NOT_FOUND",
    async ({ manager }) =>
      nameOf(manager.start(SimulateWork, () => Promise.reject(operationNotFound("operations/no")))),
  ],
];

describe("the error of an operation", () => {
  it.each(ENDS)("that ends with %s has the domain of its server", async (reason, end) => {
    const opened = openManager({ errorDomain, graceMs: 0 });
    const operation = await opened.ended(await end(opened));
    expect(infoOf(operation)).toMatchObject([{ reason, domain: errorDomain }]);
  });

  it("whose server went away has the domain of the server that saw it", async () => {
    const { server, ended } = openShared();
    const first = server();
    const name = await nameOf(first.manager.start(SimulateWork, forever));
    await first.die();
    server({ errorDomain });
    expect(infoOf(await ended(name))).toMatchObject([{ reason: "SERVER_LOST", domain: errorDomain }]);
  });

  it("whose attempts are exhausted has the domain of the server that would make the next one", async () => {
    const { server, ended } = openShared();
    const Once = defineOperationType({
      response: StringValueSchema,
      onServerLoss: { handler: "test.Once", input: StringValueSchema, maxAttempts: 1 },
    });
    const first = server();
    first.manager.register(Once, forever);
    const name = await nameOf(first.manager.start(Once, { value: "" }));
    await first.die();
    server({ errorDomain }).manager.register(Once, forever);
    expect(infoOf(await ended(name))).toMatchObject([{ reason: "ATTEMPTS_EXHAUSTED", domain: errorDomain }]);
  });

  it.each([
    ["of the work's own", errorWith("mine.example.com"), "mine.example.com"],
    ["from another server", errorOfStatus(statusOfError(operationNotFound("operations/no"))), "longrunning"],
  ])("%s keeps its domain", async (_, error, domain) => {
    const { manager, ended } = openManager({ errorDomain });
    const name = await nameOf(manager.start(SimulateWork, () => Promise.reject(error)));
    expect(infoOf(await ended(name))).toMatchObject([{ domain }]);
  });
});

async function nameOf(starting: Promise<Operation>): Promise<string> {
  return (await starting).name;
}

async function untilAborted({ signal }: { readonly signal: AbortSignal }): Promise<never> {
  if (!signal.aborted) await once(signal, "abort");
  throw signal.reason;
}

function errorWith(domain: string): ConnectError {
  return new ConnectError("mine", Code.Aborted, undefined, [
    { desc: ErrorInfoSchema, value: { reason: "MINE", domain } },
  ]);
}

function infoOf({ result }: Operation) {
  return result.case === "error" ? errorInfosOf(errorOfStatus(result.value)) : [];
}
