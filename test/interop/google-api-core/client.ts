import type { Client, Deviation } from "../client.ts";
import { installGoogleApiCore, python, stubs } from "./install.ts";

const waitsByStub = (saw: unknown): Deviation => ({
  saw,
  why: "google-api-core polls: its clients of operations have no method for WaitOperation (operations_v1). By gRPC `client.operations_stub` has one.",
});

const NO_WAIT: Deviation = {
  why: "google-api-core by REST has get, list, cancel and delete, and no WaitOperation (operations_v1/transports/rest.py).",
};

const NO_PAGE_SIZE: Deviation = {
  saw: { operations: 5, pages: 1 },
  why: "google-api-core by gRPC lists in pages of the server's size: `list_operations` takes a name and a filter, and no page size (operations_v1/operations_client.py).",
};

const UNREAD_ANY: Deviation = {
  saw: { threw: "ParseError" },
  why: "google-api-core by REST cannot read an Any of a type that it was not given: json_format of protobuf refuses it, and with it the page of a list that it is on.",
};

function googleApiCore(
  connection: "grpc" | "asyncio" | "rest",
  title: string,
  deviations: Readonly<Record<string, Deviation>>,
): Client {
  return {
    id: `google-api-core-${connection}`,
    title,
    install: installGoogleApiCore,
    program: (url) => ({
      file: python,
      args: ["-B", "test/interop/google-api-core/main.py", connection, url],
      env: { PYTHONPATH: stubs },
    }),
    deviations,
  };
}

const BY_GRPC: Readonly<Record<string, Deviation>> = {
  wait: waitsByStub({ done: true, payload: "waited" }),
  deadline: waitsByStub({ done: false, early: true }),
  list: NO_PAGE_SIZE,
};

export const googleApiCoreGrpc = googleApiCore("grpc", "google-api-core 2.40.0 (Python), gRPC", BY_GRPC);
export const googleApiCoreAsyncio = googleApiCore(
  "asyncio",
  "google-api-core 2.40.0 (Python), gRPC with asyncio",
  BY_GRPC,
);
export const googleApiCoreRest = googleApiCore("rest", "google-api-core 2.40.0 (Python), REST", {
  wait: NO_WAIT,
  deadline: NO_WAIT,
  "unknown-any": UNREAD_ANY,
});
