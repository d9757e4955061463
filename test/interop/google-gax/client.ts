import type { Client, Deviation } from "../client.ts";
import { installNpm } from "../install-npm.ts";

const waitsByStub = (saw: unknown): Deviation => ({
  saw,
  why: "google-gax polls: its OperationsClient has no method for WaitOperation (operationsClient.js). By gRPC `client.operationsStub` has one.",
});

const NO_WAIT: Deviation = {
  why: "google-gax by REST calls by rules of google.api.http only (transcoding.js), and operations.proto has none for WaitOperation.",
};

const NO_DETAILS: Deviation = {
  saw: { code: 9, message: "the disk is full" },
  why: "google-gax's Operation rejects with the code and the message of the error, and drops its details (longRunningCalls/longrunning.js); they are in `operation.latestResponse.error.details`.",
};

const UNREAD_ANY: Deviation = {
  saw: { code: 14 },
  why: "google-gax by REST cannot read an Any of a type that it was not given (any.js of proto3-json-serializer), and tells of it as UNAVAILABLE, which its default settings try again for 10 minutes (fallbackServiceStub.js).",
};

function googleGax(
  protocol: "grpc" | "rest",
  title: string,
  deviations: Readonly<Record<string, Deviation>>,
): Client {
  return {
    id: `google-gax-${protocol}`,
    title,
    install: () => installNpm("test/interop/google-gax"),
    program: (url) => ({
      file: process.execPath,
      args: ["test/interop/google-gax/main.js", protocol, url],
      // No look for credentials of Google's own machines.
      env: { METADATA_SERVER_DETECTION: "none" },
    }),
    deviations: { failure: NO_DETAILS, ...deviations },
  };
}

export const googleGaxGrpc = googleGax("grpc", "google-gax 6.17.0 (Node), gRPC", {
  wait: waitsByStub({ done: true, payload: "waited" }),
  deadline: waitsByStub({ done: false, early: true }),
});
export const googleGaxRest = googleGax("rest", "google-gax 6.17.0 (Node), REST", {
  wait: NO_WAIT,
  deadline: NO_WAIT,
  "unknown-any": UNREAD_ANY,
});
