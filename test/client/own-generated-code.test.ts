import { create } from "@bufbuild/protobuf";
import { anyPack, StringValueSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, createClient, createRouterTransport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  type Operation,
  OperationSchema,
  Operations,
} from "../../examples/archive/gen/google/longrunning/operations_pb.ts";
import {
  listOperations,
  OperationHandle,
  type OperationsClient,
  waitForOperation,
} from "../../src/client/index.ts";
import { Counting, NAME } from "./scripted-server.ts";

/** A client that the user's own generated code has made, of a server with one operation that is done. */
function ownClient() {
  const operation = ownOperation();
  const service = {
    getOperation: () => operation,
    waitOperation: () => operation,
    listOperations: () => ({ operations: [operation] }),
  };
  return createClient(
    Operations,
    createRouterTransport((router) => router.service(Operations, service)),
  );
}

function ownOperation(): Operation {
  const response = anyPack(StringValueSchema, create(StringValueSchema, { value: "yes" }));
  return create(OperationSchema, { name: NAME, done: true, result: { case: "response", value: response } });
}

describe("a client of the user's own generated code", () => {
  it("is good for a handle", async () => {
    expect((await new OperationHandle(ownClient(), Counting, NAME).result()).value).toBe("yes");
  });

  it("makes a handle of its own message", async () => {
    expect((await new OperationHandle(ownClient(), Counting, ownOperation()).result()).value).toBe("yes");
  });

  it("waits and lists", async () => {
    const waited = await waitForOperation(ownClient(), NAME);
    for await (const listed of listOperations(ownClient())) expect(listed).toEqual(waited);
  });

  it("may be of an operations.proto that is older", () => {
    // A type test: it is done when it compiles.
    const older = (client: OlderClient): OperationsClient => client;
    expect(older).toBeInstanceOf(Function);
  });
});

/** As in an operations.proto without `return_partial_success` and `unreachable`. */
type OlderClient = Omit<ReturnType<typeof ownClient>, "listOperations"> & {
  listOperations: (
    request: { name?: string; filter?: string; pageSize?: number; pageToken?: string },
    options?: CallOptions,
  ) => Promise<{ $typeName: string; operations: Operation[]; nextPageToken: string }>;
};
