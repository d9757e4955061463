import { create, equals } from "@bufbuild/protobuf";
import { type Any, anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { codeOfStatus, detailsOfStatus, statusOfError } from "../../src/operation/status.ts";
import { anyOf } from "../../src/testing/store-contract/sample-operations.ts";

const info = create(ErrorInfoSchema, { reason: "NO_SPACE", domain: "example.com", metadata: { disk: "a" } });

/** An error as a server throws it. */
const thrown = () =>
  new ConnectError("no space left", Code.ResourceExhausted, undefined, [
    { desc: ErrorInfoSchema, value: info },
  ]);

/** An error as a client receives it. */
function received(...details: ConnectError["details"]): ConnectError {
  const error = new ConnectError("no space left", Code.ResourceExhausted);
  error.details = details;
  return error;
}

function statusWith(...details: Any[]): Status {
  return create(StatusSchema, { code: 8, message: "no space left", details });
}

describe("statusOfError", () => {
  it("has the code, and the message without the code's name before it", () => {
    const { code, message } = statusOfError(thrown());
    expect({ code, message }).toEqual({ code: 8, message: "no space left" });
  });

  it("has a detail of an error that was thrown here", () => {
    const [detail] = statusOfError(thrown()).details;
    expect(detail && anyUnpack(detail, ErrorInfoSchema)).toEqual(info);
  });

  it("has a detail that was given as the fields of its message", () => {
    const error = new ConnectError("no", Code.Aborted, undefined, [
      {
        desc: ErrorInfoSchema,
        value: { reason: "NO_SPACE", domain: "example.com", metadata: { disk: "a" } },
      },
    ]);
    const [detail] = statusOfError(error).details;
    expect(detail && anyUnpack(detail, ErrorInfoSchema)).toEqual(info);
  });

  it("has a detail of an error that came from another server", () => {
    const { value } = anyPack(ErrorInfoSchema, info);
    const [detail] = statusOfError(received({ type: ErrorInfoSchema.typeName, value })).details;
    expect(detail && anyUnpack(detail, ErrorInfoSchema)).toEqual(info);
  });

  it("has a detail of a type that nobody here knows", () => {
    const status = statusOfError(received({ type: "far.away.Detail", value: Uint8Array.of(1, 2) }));
    expect(status.details).toEqual([anyOf("type.googleapis.com/far.away.Detail", [1, 2])]);
  });

  it("does not change with the bytes that came", () => {
    const value = Uint8Array.of(1, 2);
    const status = statusOfError(received({ type: "far.away.Detail", value }));
    value.fill(9);
    expect(status.details[0]?.value).toEqual(Uint8Array.of(1, 2));
  });

  it("has all details, in their order", () => {
    const error = received({ type: "a.A", value: Uint8Array.of(1) }, ...thrown().details, {
      type: "b.B",
      value: Uint8Array.of(2),
    });
    const types = statusOfError(error).details.map(({ typeUrl }) => typeUrl);
    expect(types).toEqual(
      ["a.A", "google.rpc.ErrorInfo", "b.B"].map((type) => `type.googleapis.com/${type}`),
    );
  });

  it("has no details where the error has none", () => {
    expect(statusOfError(new ConnectError("no", Code.Aborted)).details).toEqual([]);
  });
});

describe("detailsOfStatus", () => {
  it.each(["type.googleapis.com/far.away.Detail", "far.away.Detail", "a/b/far.away.Detail"])(
    "has the type of %j without what stands before it",
    (typeUrl) => {
      const value = Uint8Array.of(1, 2);
      expect(detailsOfStatus(statusWith(anyOf(typeUrl, value)))).toEqual([
        { type: "far.away.Detail", value },
      ]);
    },
  );

  it("makes details in which an error finds its messages", () => {
    const error = received(...detailsOfStatus(statusWith(anyPack(ErrorInfoSchema, info))));
    expect(error.findDetails(ErrorInfoSchema)).toEqual([info]);
  });

  it("makes details that become the same status again", () => {
    const status = statusWith(
      anyPack(ErrorInfoSchema, info),
      anyOf("type.googleapis.com/far.away.Detail", [1]),
    );
    expect(equals(StatusSchema, statusOfError(received(...detailsOfStatus(status))), status)).toBe(true);
  });
});

describe("codeOfStatus", () => {
  it.each(Array.from({ length: 16 }, (_, i) => i + 1))("is the code itself: %i", (code) => {
    expect(codeOfStatus(create(StatusSchema, { code }))).toBe(code);
  });

  it.each([0, -1, 17, 404, 2 ** 31 - 1, -(2 ** 31)])("is UNKNOWN for %i, which no RPC has", (code) => {
    expect(codeOfStatus(create(StatusSchema, { code }))).toBe(Code.Unknown);
  });
});
