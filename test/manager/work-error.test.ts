import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../gen/google/longrunning/operations_pb.ts";
import { type ErrorInfo, ErrorInfoSchema, HelpSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { errorOfStatus } from "../../src/operation/errors.ts";
import { defineOperationType } from "../../src/operation/operation-type.ts";
import { SimulateWork } from "../../src/simulator/simulate-work.ts";
import { settled } from "../until.ts";
import { errorOf, openManager, reasonsOf } from "./open-manager.ts";

const help = { desc: HelpSchema, value: { links: [{ url: "https://example.com" }] } };
const info = { desc: ErrorInfoSchema, value: { reason: "OWN_REASON", domain: "example.com" } };

function refuse(): never {
  throw new Error("no");
}

function revokedProxy(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("work that fails", () => {
  it("ends with the code and the message of the ConnectError that it throws", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, () => {
      throw new ConnectError("no quota", Code.ResourceExhausted);
    });
    expect(errorOf(operation)).toEqual([Code.ResourceExhausted, "no quota"]);
  });

  it("ends with the details that the work has put together", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, () => {
      throw new ConnectError("no", Code.Aborted, undefined, [info, help]);
    });
    expect([reasonsOf(operation), detailTypesOf(operation)]).toEqual([
      ["OWN_REASON"],
      ["type.googleapis.com/google.rpc.ErrorInfo", "type.googleapis.com/google.rpc.Help"],
    ]);
  });

  it("ends with the details that came from another server, known here or not", async () => {
    const { manager } = openManager();
    const unknown = { type: "example.Unknown", value: Uint8Array.of(1, 2, 3) };
    const operation = await manager.start(SimulateWork, () => {
      const error = new ConnectError("no", Code.Aborted);
      error.details = [unknown];
      throw error;
    });
    const { result } = operation;
    expect(result.case === "error" && errorOfStatus(result.value).details).toEqual([unknown]);
  });

  it("ends as INTERNAL with an ErrorInfo for any other error", async () => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, () => Promise.reject(new Error("secret")));
    expect([errorOf(operation)[0], reasonsOf(operation)]).toEqual([Code.Internal, ["WORK_FAILED"]]);
  });

  it.each([
    ["an error", new Error("secret")],
    ["a text", "secret"],
    ["an object", { secret: "secret" }],
  ])("keeps %s that it throws from clients", async (_what, thrown) => {
    const { manager } = openManager();
    const operation = await manager.start(SimulateWork, () => Promise.reject(thrown));
    expect(JSON.stringify(errorOf(operation))).not.toContain("secret");
  });

  it.each([[new Error("secret")], ["secret"], [undefined], [null], [0]])(
    "logs what it throws: %s",
    async (thrown) => {
      const { manager, logged } = openManager();
      const { name } = await manager.start(SimulateWork, () => Promise.reject(thrown));
      expect(logged).toEqual([{ message: `the work of operation "${name}" failed`, cause: thrown }]);
    },
  );

  it("logs nothing of a ConnectError, which is for clients", async () => {
    const { manager, logged } = openManager();
    await manager.start(SimulateWork, () => Promise.reject(new ConnectError("no", Code.NotFound)));
    expect(logged).toEqual([]);
  });

  it("ends as INTERNAL where it answers with another type, both named in the log alone", async () => {
    const { manager, logged } = openManager();
    const operation = await manager.start(SimulateWork, () => create(SimulateWork.metadata) as never);
    expect([errorOf(operation), String(logged[0]?.cause)]).toEqual([
      [Code.Internal, `operation "${operation.name}" failed with an internal error`],
      "TypeError: a message of type longrunning.testing.v1.SimulateWorkResponse is needed, and longrunning.testing.v1.SimulateWorkMetadata was given",
    ]);
  });

  it.each([["a text"], [5], [null], [true]])(
    "ends as INTERNAL where it answers %s, which is no message",
    async (answer) => {
      const { manager } = openManager();
      const operation = await manager.start(SimulateWork, () => answer as never);
      expect(errorOf(operation)[0]).toBe(Code.Internal);
    },
  );

  it.each<[what: string, thrown: unknown]>([
    ["an error whose name cannot be read", Object.defineProperty(new Error(), "name", { get: refuse })],
    ["a proxy that is revoked", revokedProxy()],
    ["a ConnectError without a code of its kind", new ConnectError("no", "not_found" as never)],
    ["a ConnectError with half a code", new ConnectError("no", 1.5 as never)],
  ])("ends where it throws %s", async (_what, thrown) => {
    const { manager, ended } = openManager();
    const { name } = await manager.start(SimulateWork, () => {
      throw thrown;
    });
    expect((await ended(name)).result.case).toBe("error");
  });

  it("ends where it throws what a logger cannot show", async () => {
    const shown: unknown[] = [];
    const logger = {
      error(_message: string, cause: unknown) {
        if (cause === "unspeakable") refuse();
        shown.push(cause);
      },
    };
    const { manager, ended } = openManager({ logger });
    const { name } = await manager.start(SimulateWork, () => {
      throw "unspeakable";
    });
    await ended(name);
    expect(String(shown[0])).toBe("Error: what was thrown cannot be shown");
  });

  it("ends as INTERNAL where its error cannot be encoded", async () => {
    const { manager } = openManager();
    const value = create(EmptySchema) as never;
    const operation = await manager.start(SimulateWork, () => {
      throw new ConnectError("no", Code.Aborted, undefined, [{ desc: ErrorInfoSchema, value }]);
    });
    expect(errorOf(operation)[0]).toBe(Code.Internal);
  });

  it("never rejects where nobody hears it", async () => {
    const unheard: unknown[] = [];
    const note = (reason: unknown) => void unheard.push(reason);
    process.on("unhandledRejection", note);
    try {
      const { manager } = openManager();
      const bad = { desc: ErrorInfoSchema, value: { reason: 5 } as unknown as Partial<ErrorInfo> };
      for (const thrown of [
        new Error("no"),
        new ConnectError("no", Code.Aborted, undefined, [bad]),
        undefined,
      ]) {
        await manager.start(SimulateWork, () => Promise.reject(thrown));
      }
      await settled();
      await manager.close();
    } finally {
      process.off("unhandledRejection", note);
    }
    expect(unheard).toEqual([]);
  });
});

describe("work that returns nothing", () => {
  it("answers google.protobuf.Empty", async () => {
    const { manager } = openManager();
    const Clean = defineOperationType({ response: EmptySchema, metadata: SimulateWork.metadata });
    const { done, result } = await manager.start(Clean, () => {});
    expect([done, result.case === "response" && result.value.typeUrl]).toEqual([
      true,
      "type.googleapis.com/google.protobuf.Empty",
    ]);
  });
});

function detailTypesOf({ result }: Operation): string[] {
  return result.case === "error" ? result.value.details.map(({ typeUrl }) => typeUrl) : [];
}
