import { inspect } from "node:util";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import {
  OperationCancelledError,
  OperationFailedError,
  OperationWithoutResultError,
  StoppedWaitingError,
  WrongTypeError,
} from "../../src/client/index.ts";
import { NAME } from "./scripted-server.ts";

const status = create(StatusSchema, { code: Code.Aborted, message: "it broke" });
const types = { expected: "a.Wanted", actual: "b.Sent" };

const errors = {
  OperationFailedError: new OperationFailedError(NAME, status),
  OperationCancelledError: new OperationCancelledError(NAME, status),
  StoppedWaitingError: new StoppedWaitingError(NAME, Code.Canceled),
  OperationWithoutResultError: new OperationWithoutResultError(NAME),
  WrongTypeError: new WrongTypeError(NAME, "response", types),
};

const classes = [
  OperationFailedError,
  OperationCancelledError,
  StoppedWaitingError,
  OperationWithoutResultError,
  WrongTypeError,
];

describe.each(Object.entries(errors))("%s", (name, error) => {
  it("is an instance of its own class alone", () => {
    expect(classes.filter((one) => error instanceof one).map((one) => one.name)).toEqual([name]);
  });

  it("is a ConnectError", () => {
    expect(error).toBeInstanceOf(ConnectError);
  });

  it("is let through as it is by code that turns everything into ConnectErrors", () => {
    expect(ConnectError.from(error)).toBe(error);
  });

  it("shows its class where Node prints it", () => {
    expect(inspect(error).startsWith(`${name} [ConnectError]`)).toBe(true);
  });
});

describe("a plain ConnectError", () => {
  it("is an instance of none of them", () => {
    const plain = new ConnectError("plain", Code.Canceled);
    expect(classes.filter((one) => plain instanceof one)).toEqual([]);
  });
});

describe("an operation that failed with a code that no RPC has", () => {
  it("has the code UNKNOWN", () => {
    expect(new OperationFailedError(NAME, create(StatusSchema, { code: 99 })).code).toBe(Code.Unknown);
  });
});
