import { create, type DescMessage } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import {
  accessDenied,
  authenticationUnavailable,
  callerUnnamed,
  credentialsMissing,
  scopeInsufficient,
  tokenExpired,
  tokenRefused,
} from "../../src/access/errors.ts";
import {
  abortedWithServer,
  attemptsExhausted,
  cancelledByClient,
  ERROR_DOMAIN,
  errorOfStatus,
  handlerMissing,
  inDomain,
  invalidField,
  invalidFilter,
  leaseLost,
  notOffered,
  operationAlreadyDone,
  operationAlreadyExists,
  operationNotFound,
  quoted,
  refusal,
  requestIdTaken,
  retryIn,
  serverStopping,
  serviceNotFound,
  shown,
  stoppedByServer,
  storeFull,
  storeUnavailable,
  tooManyCalls,
  tooManyRunning,
  tooManyWaits,
  workFailed,
} from "../../src/operation/errors.ts";
import { statusOfError } from "../../src/operation/status.ts";
import { anyOf } from "../../src/testing/store-contract/sample-operations.ts";

interface Refusal {
  readonly refuse: (value: string) => ConnectError;
  readonly code: Code;
  readonly reason: string;
  /** The metadata for the value "v". */
  readonly metadata: Readonly<Record<string, string>>;
}

const refusals: Readonly<Record<string, Refusal>> = {
  invalidField: {
    refuse: (value) => invalidField("page_token", value, "is not a page token"),
    code: Code.InvalidArgument,
    reason: "INVALID_FIELD",
    metadata: { field: "page_token" },
  },
  invalidFilter: {
    refuse: (value) => invalidFilter(value, "has v alone", 1),
    code: Code.InvalidArgument,
    reason: "INVALID_FILTER",
    metadata: { field: "filter", column: "1" },
  },
  callerUnnamed: {
    refuse: callerUnnamed,
    code: Code.Unauthenticated,
    reason: "CALLER_UNNAMED",
    metadata: {},
  },
  credentialsMissing: {
    refuse: credentialsMissing,
    code: Code.Unauthenticated,
    reason: "CREDENTIALS_MISSING",
    metadata: {},
  },
  tokenRefused: {
    refuse: (value) => tokenRefused(`is from ${quoted(value)}`),
    code: Code.Unauthenticated,
    reason: "ACCESS_TOKEN_INVALID",
    metadata: {},
  },
  tokenExpired: {
    refuse: tokenExpired,
    code: Code.Unauthenticated,
    reason: "ACCESS_TOKEN_EXPIRED",
    metadata: {},
  },
  authenticationUnavailable: {
    refuse: authenticationUnavailable,
    code: Code.Unavailable,
    reason: "AUTHENTICATION_UNAVAILABLE",
    metadata: {},
  },
  scopeInsufficient: {
    refuse: (value) => scopeInsufficient([value]),
    code: Code.PermissionDenied,
    reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
    metadata: { scopes: "v" },
  },
  accessDenied: {
    refuse: accessDenied,
    code: Code.PermissionDenied,
    reason: "PERMISSION_DENIED",
    metadata: { name: "v" },
  },
  operationNotFound: {
    refuse: operationNotFound,
    code: Code.NotFound,
    reason: "OPERATION_NOT_FOUND",
    metadata: { name: "v" },
  },
  operationAlreadyDone: {
    refuse: operationAlreadyDone,
    code: Code.FailedPrecondition,
    reason: "OPERATION_ALREADY_DONE",
    metadata: { name: "v" },
  },
  operationAlreadyExists: {
    refuse: operationAlreadyExists,
    code: Code.AlreadyExists,
    reason: "OPERATION_ALREADY_EXISTS",
    metadata: { name: "v" },
  },
  notOffered: { refuse: notOffered, code: Code.Unimplemented, reason: "NOT_OFFERED", metadata: {} },
  cancelledByClient: {
    refuse: cancelledByClient,
    code: Code.Canceled,
    reason: "OPERATION_CANCELLED",
    metadata: { name: "v" },
  },
  stoppedByServer: {
    refuse: stoppedByServer,
    code: Code.Aborted,
    reason: "SERVER_STOPPED",
    metadata: { name: "v" },
  },
  serverStopping: {
    refuse: serverStopping,
    code: Code.Unavailable,
    reason: "SERVER_STOPPING",
    metadata: {},
  },
  serviceNotFound: {
    refuse: serviceNotFound,
    code: Code.NotFound,
    reason: "SERVICE_NOT_FOUND",
    metadata: { service: "v" },
  },
  leaseLost: {
    refuse: leaseLost,
    code: Code.FailedPrecondition,
    reason: "LEASE_LOST",
    metadata: { name: "v" },
  },
  abortedWithServer: {
    refuse: abortedWithServer,
    code: Code.Aborted,
    reason: "SERVER_LOST",
    metadata: { name: "v" },
  },
  attemptsExhausted: {
    refuse: (name) => attemptsExhausted(name, 3),
    code: Code.Aborted,
    reason: "ATTEMPTS_EXHAUSTED",
    metadata: { name: "v", attempts: "3" },
  },
  handlerMissing: {
    refuse: (name) => handlerMissing(name, "handler"),
    code: Code.Aborted,
    reason: "HANDLER_MISSING",
    metadata: { name: "v", handler: "handler" },
  },
  requestIdTaken: {
    refuse: requestIdTaken,
    code: Code.AlreadyExists,
    reason: "REQUEST_ID_TAKEN",
    metadata: { field: "request_id" },
  },
  storeFull: {
    refuse: storeFull,
    code: Code.ResourceExhausted,
    reason: "STORE_FULL",
    metadata: {},
  },
  storeUnavailable: {
    refuse: storeUnavailable,
    code: Code.Unavailable,
    reason: "STORE_UNAVAILABLE",
    metadata: {},
  },
  tooManyWaits: {
    refuse: () => tooManyWaits("process", 7),
    code: Code.ResourceExhausted,
    reason: "TOO_MANY_WAITS",
    metadata: { scope: "process", limit: "7" },
  },
  tooManyRunning: {
    refuse: () => tooManyRunning("principal", 7),
    code: Code.ResourceExhausted,
    reason: "TOO_MANY_RUNNING",
    metadata: { scope: "principal", limit: "7" },
  },
  tooManyCalls: {
    refuse: () => tooManyCalls("principal", 7, 1),
    code: Code.ResourceExhausted,
    reason: "TOO_MANY_CALLS",
    metadata: { scope: "principal", limit: "7" },
  },
  workFailed: { refuse: workFailed, code: Code.Internal, reason: "WORK_FAILED", metadata: { name: "v" } },
};

/** The details of one type, as a client reads them. */
function detailsOf<Desc extends DescMessage>(error: ConnectError, desc: Desc) {
  return error.findDetails(desc);
}

const everyRefusal = Object.entries(refusals).map(([name, refusal]) => ({ name, ...refusal }));
const quoting = everyRefusal.filter(({ metadata }) => Object.values(metadata).includes("v"));

describe("every refusal", () => {
  it("is in the table of this test", async () => {
    const rooms = [await import("../../src/operation/errors.ts"), await import("../../src/access/errors.ts")];
    const names = rooms
      .flatMap((room) => Object.entries(room))
      .flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
    const others = [quoted, shown, refusal, retryIn, errorOfStatus, inDomain].map(({ name }) => name);
    expect([...Object.keys(refusals), ...others].toSorted()).toEqual(names.toSorted());
  });

  it("has a reason of its own", () => {
    const reasons = everyRefusal.map(({ refuse }) => detailsOf(refuse("v"), ErrorInfoSchema)[0]?.reason);
    expect(new Set(reasons).size).toBe(everyRefusal.length);
  });
});

describe.each(everyRefusal)("$name", ({ refuse, code, reason, metadata }) => {
  it("has its code", () => {
    expect(refuse("v").code).toBe(code);
  });

  it("has one ErrorInfo, which says why", () => {
    const info = create(ErrorInfoSchema, { reason, domain: ERROR_DOMAIN, metadata: { ...metadata } });
    expect(detailsOf(refuse("v"), ErrorInfoSchema)).toEqual([info]);
  });

  it("has a reason that AIP-193 allows", () => {
    const [info] = detailsOf(refuse("v"), ErrorInfoSchema);
    expect(info?.reason).toMatch(/^(?=.{1,63}$)[A-Z][A-Z0-9_]+[A-Z0-9]$/);
  });

  it("has metadata keys that AIP-193 allows", () => {
    const [info] = detailsOf(refuse("v"), ErrorInfoSchema);
    const illegal = Object.keys(info?.metadata ?? {}).filter(
      (key) => !/^(?=.{1,64}$)[a-z][a-zA-Z0-9-_]+$/.test(key),
    );
    expect(illegal).toEqual([]);
  });

  it("has no detail twice", () => {
    const types = refuse("v").details.map((detail) =>
      "desc" in detail ? detail.desc.typeName : detail.type,
    );
    expect(types).toEqual([...new Set(types)]);
  });

  it("says what is so: lower case, without a full stop, and without blame", () => {
    expect(refuse("v").rawMessage).toMatch(/^(?!.*\b(failed to|error:))[a-z"v].*[^.]$/);
  });

  it("has a RetryInfo exactly where another try may go better", () => {
    const isPassing = code === Code.Unavailable || code === Code.ResourceExhausted;
    expect(detailsOf(refuse("v"), RetryInfoSchema).length).toBe(isPassing ? 1 : 0);
  });

  it("has the domain of its server where that has one", () => {
    const info = create(ErrorInfoSchema, { reason, domain: "a.example.com", metadata: { ...metadata } });
    expect(detailsOf(inDomain("a.example.com", refuse("v")), ErrorInfoSchema)).toEqual([info]);
  });

  it("has a BadRequest exactly where the request is invalid", () => {
    expect(detailsOf(refuse("v"), BadRequestSchema).length).toBe(code === Code.InvalidArgument ? 1 : 0);
  });
});

describe.each([...quoting, { name: "invalidField", ...refusals["invalidField"] }])(
  "the message of $name",
  ({ refuse }) => {
    it("has the value in quotes", () => {
      expect(refuse?.("operations/a").rawMessage).toContain('"operations/a"');
    });

    it("fits into a header, however long the value is", () => {
      const message = refuse?.("😀".repeat(100_000)).rawMessage ?? "";
      expect(encodeURIComponent(message).length).toBeLessThan(2_000);
    });

    it.each(["a\r\nb", "a\0b", 'a"b'])("shows %j as JSON does", (value) => {
      expect(refuse?.(value).rawMessage).toContain(JSON.stringify(value));
    });
  },
);

describe.each(quoting)("the metadata of $name", ({ refuse }) => {
  const shownIn = (error: ConnectError) =>
    Object.values(detailsOf(error, ErrorInfoSchema)[0]?.metadata ?? {})[0];

  it("has a value of 128 characters whole", () => {
    expect(shownIn(refuse("n".repeat(128)))).toBe("n".repeat(128));
  });

  it("has a longer value cut", () => {
    expect(shownIn(refuse("n".repeat(129)))).toBe(`${"n".repeat(128)}…`);
  });

  it("has no half of a character where a longer value is cut", () => {
    expect(shownIn(refuse(`n${"😀".repeat(128)}`))?.isWellFormed()).toBe(true);
  });
});

describe("errorOfStatus", () => {
  const details = [anyOf("type.googleapis.com/far.away.Detail", [1])];
  const status = create(StatusSchema, { code: Code.DataLoss, message: "the disk is gone", details });

  it("becomes the same status again", () => {
    expect(statusOfError(errorOfStatus(status))).toEqual(status);
  });

  it("is UNKNOWN where no RPC has the code", () => {
    expect(errorOfStatus(create(StatusSchema, { code: 404 })).code).toBe(Code.Unknown);
  });
});

describe("inDomain", () => {
  it("leaves the error itself alone", () => {
    const error = operationNotFound("v");
    inDomain("a.example.com", error);
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ domain: ERROR_DOMAIN }]);
  });

  it("keeps all else of it", () => {
    const error = storeFull(new Error("no space"));
    error.metadata.set("x-mine", "yes");
    const renamed = inDomain("a.example.com", error);
    const all = ({ code, rawMessage, metadata, cause }: ConnectError) => ({
      ...{ code, rawMessage, cause },
      mine: metadata.get("x-mine"),
      retry: detailsOf(renamed, RetryInfoSchema),
    });
    expect(all(renamed)).toEqual(all(error));
  });

  it.each([
    ["another domain", new ConnectError("mine", Code.Aborted, undefined, [ownInfo("mine.example.com")])],
    ["no ErrorInfo", new ConnectError("mine", Code.Aborted)],
    ["an ErrorInfo from another server", errorOfStatus(statusOfError(operationNotFound("v")))],
    ["no code", new Error("mine")],
  ])("leaves an error with %s as it is", (_, error) => {
    expect(inDomain("a.example.com", error)).toBe(error);
  });
});

function ownInfo(domain: string) {
  return { desc: ErrorInfoSchema, value: { reason: "MINE", domain } };
}

describe("invalidField", () => {
  it("names the field, and what is wrong with its value", () => {
    const [badRequest] = detailsOf(invalidField("page_size", -1, "is negative"), BadRequestSchema);
    const violations = badRequest?.fieldViolations.map(({ field, description }) => ({ field, description }));
    expect(violations).toEqual([{ field: "page_size", description: "-1 is negative" }]);
  });

  it("says it in the message too", () => {
    expect(invalidField("page_size", -1, "is negative").rawMessage).toBe("page_size -1 is negative");
  });

  it("cuts a long value in the violation", () => {
    const error = invalidField("filter", "f".repeat(100_000), "is not supported");
    const description = detailsOf(error, BadRequestSchema)[0]?.fieldViolations[0]?.description;
    expect(description).toBe(`"${"f".repeat(128)}…" is not supported`);
  });
});
