import { Code, ConnectError, type ConnectRouter, createClient, type Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { callHttp1, callHttp2, connectHttp2, envelope } from "./calls.ts";
import { openServer, RUNNING } from "./open-server.ts";
import { GET_OPERATION, WAIT_OPERATION } from "./raw-http.ts";

const WORK = "/longrunning.testing.v1.SimulatorService/SimulateWork";

const PROTOCOLS: readonly (readonly [name: string, open: (baseUrl: string) => Transport])[] = [
  ["gRPC", (baseUrl) => createGrpcTransport({ baseUrl })],
  ["gRPC-Web", (baseUrl) => createGrpcWebTransport({ baseUrl, httpVersion: "1.1" })],
  ["Connect", (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" })],
  [
    "Connect JSON",
    (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: false }),
  ],
];

describe.each(PROTOCOLS)("an error over %s", (_, open) => {
  it("of Connect's own gets an ErrorInfo", async () => {
    const error = await errorOf(open, () => {
      throw new Error("a secret");
    });
    expect(error.findDetails(ErrorInfoSchema)).toMatchObject([{ reason: "INTERNAL", domain: "longrunning" }]);
  });

  it("of Connect's own gets no BadRequest unless the request is at fault", async () => {
    const error = await errorOf(open, () => {
      throw new Error("a secret");
    });
    expect(error.findDetails(BadRequestSchema)).toEqual([]);
  });

  it("keeps its message, whatever the script", async () => {
    const text = 'größer als 5 €, "100 %": %41 🙂 你好';
    const error = await errorOf(open, () => {
      throw new ConnectError(text, Code.Aborted);
    });
    expect(error.rawMessage).toBe(text);
  });

  it("that has an ErrorInfo keeps it alone", async () => {
    const error = await errorOf(open, () => {
      throw new ConnectError("mine", Code.InvalidArgument, undefined, [
        { desc: ErrorInfoSchema, value: { reason: "MINE", domain: "example.com" } },
      ]);
    });
    expect(error.details).toHaveLength(1);
    expect(error.findDetails(ErrorInfoSchema)[0]?.reason).toBe("MINE");
  });

  it("that has a BadRequest gets no second one", async () => {
    const error = await errorOf(open, () => {
      const value = { fieldViolations: [{ field: "mine", description: "is wrong" }] };
      throw new ConnectError("mine", Code.InvalidArgument, undefined, [{ desc: BadRequestSchema, value }]);
    });
    const fields = error
      .findDetails(BadRequestSchema)
      .map(({ fieldViolations }) => fieldViolations[0]?.field);
    expect(fields).toEqual(["mine"]);
  });

  it("that is long enough to be compressed gets an ErrorInfo", async () => {
    const error = await errorOf(open, () => {
      throw new ConnectError("long ".repeat(1_000), Code.Aborted);
    });
    expect(error.findDetails(ErrorInfoSchema)).toHaveLength(1);
  });

  it("keeps its metadata", async () => {
    const error = await errorOf(open, () => {
      throw new ConnectError("mine", Code.Aborted, { "x-mine": "yes" });
    });
    expect(error.metadata.get("x-mine")).toBe("yes");
  });

  it.each(Object.values(Code).filter((code) => typeof code === "number"))(
    "of code %i keeps its code",
    async (code) => {
      const error = await errorOf(open, () => {
        throw new ConnectError("mine", code);
      });
      expect(error.code).toBe(code);
    },
  );
});

describe("an answer", () => {
  it("without an error is left alone over gRPC", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const message = Buffer.concat([Buffer.from([10, RUNNING.length]), Buffer.from(RUNNING)]);
    const { trailers } = await callHttp2(session, { "content-type": "application/grpc" }, envelope(message));
    session.destroy();
    expect(Object.entries(trailers)).toEqual([["grpc-status", "0"]]);
  });

  it("without an error is left alone over Connect", async () => {
    await using server = await openServer();
    expect(await (await callHttp1(server.url)).text()).toBe(JSON.stringify({ name: RUNNING }));
  });

  it("without a body is left alone", async () => {
    await using server = await openServer();
    expect((await callHttp1(server.url, { "content-type": "text/html" })).status).toBe(415);
  });
});

/** Bodies in JSON that cannot be read, with the field that is at fault. */
const UNREADABLE: readonly (readonly [path: string, body: string, field: string])[] = [
  [GET_OPERATION, '{"name":7}', "name"],
  [WAIT_OPERATION, '{"name":["a"]}', "name"],
  [WAIT_OPERATION, '{"timeout":7}', "timeout"],
  [WAIT_OPERATION, '{"timeout":"soon"}', "timeout"],
  [WAIT_OPERATION, '{"timeout":{}}', "timeout"],
  [WORK, '{"steps":1.5}', "steps"],
  [WORK, '{"ignoreCancel":1}', "ignore_cancel"],
  [WORK, '{"error":7}', "error"],
  [WORK, '{"error":{"code":"x"}}', "error.code"],
  [WORK, '{"error":{"details":7}}', "error.details"],
  ["/google.longrunning.Operations/ListOperations", '{"pageSize":"x"}', "page_size"],
  [GET_OPERATION, "7", ""],
  [GET_OPERATION, "{", ""],
  [GET_OPERATION, "", ""],
  [GET_OPERATION, '"cannot decode field google.longrunning.GetOperationRequest.name from JSON"', ""],
];

describe("a message in JSON that cannot be read", () => {
  it.each(UNREADABLE)("%s %s names the field over Connect", async (path, body, field) => {
    await using server = await openServer();
    const response = await fetch(`${server.url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    const { details }: { details: { type: string; debug: unknown }[] } = await response.json();
    const found = details.find(({ type }) => type === BadRequestSchema.typeName)?.debug;
    expect(found).toMatchObject({
      fieldViolations: [field === "" ? { description: expect.any(String) } : { field }],
    });
  });

  it.each(UNREADABLE.filter(([, body]) => body !== ""))(
    "%s %s names the field over gRPC-Web",
    async (path, body, field) => {
      await using server = await openServer();
      const response = await fetch(`${server.url}${path}`, {
        method: "POST",
        headers: { "content-type": "application/grpc-web+json" },
        body: new Uint8Array(envelope(body)),
      });
      const [, encoded = ""] = /grpc-status-details-bin: (\S+)/.exec(await response.text()) ?? [];
      const details = Buffer.from(encoded, "base64").toString("latin1");
      // Field 1 of the violation, of so many bytes, is the field.
      expect(details).toContain(
        field === "" ? "google.rpc.BadRequest" : `\n${String.fromCharCode(field.length)}${field}`,
      );
    },
  );

  it("has the reason of its code", async () => {
    await using server = await openServer();
    const response = await fetch(`${server.url}${GET_OPERATION}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    });
    const { details }: { details: { debug: unknown }[] } = await response.json();
    expect(details[0]?.debug).toEqual({ reason: "INVALID_ARGUMENT", domain: "longrunning" });
  });
});

describe("a message in binary that cannot be read", () => {
  const garbage = new Uint8Array([0xff, 0xff]);

  it("is INVALID_ARGUMENT over Connect, as connect-go has it", async () => {
    await using server = await openServer();
    const response = await fetch(`${server.url}${GET_OPERATION}`, {
      method: "POST",
      headers: { "content-type": "application/proto" },
      body: garbage,
    });
    const { code, details }: { code: string; details: { type: string; debug: unknown }[] } =
      await response.json();
    expect({ status: response.status, code, details }).toMatchObject({
      status: 400,
      code: "invalid_argument",
      details: [
        { type: ErrorInfoSchema.typeName, debug: { reason: "INVALID_ARGUMENT" } },
        { type: BadRequestSchema.typeName },
      ],
    });
  });

  it("is INTERNAL over gRPC, as grpc-go has it", async () => {
    await using server = await openServer();
    const session = connectHttp2(server.url);
    const { trailers } = await callHttp2(session, { "content-type": "application/grpc" }, envelope(garbage));
    session.destroy();
    expect(trailers["grpc-status"]).toBe(String(Code.Internal));
  });

  it("is INTERNAL over gRPC-Web", async () => {
    await using server = await openServer();
    const response = await fetch(`${server.url}${GET_OPERATION}`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto" },
      body: new Uint8Array(envelope(garbage)),
    });
    expect(await response.text()).toContain(`grpc-status: ${Code.Internal}`);
  });

  it("is a fault of the server over Connect where a handler says so", async () => {
    const error = await errorOf(
      (baseUrl) => createConnectTransport({ baseUrl, httpVersion: "1.1" }),
      () => {
        throw new ConnectError("parse binary: mine", Code.Internal, undefined, [
          { desc: ErrorInfoSchema, value: { reason: "MINE", domain: "example.com" } },
        ]);
      },
    );
    expect(error.code).toBe(Code.Internal);
  });
});

/** The error that a client gets from a SimulateWork that does this. */
async function errorOf(open: (baseUrl: string) => Transport, refuse: () => never): Promise<ConnectError> {
  const routes = (router: ConnectRouter) => router.rpc(SimulatorService.method.simulateWork, refuse);
  await using server = await openServer({ routes });
  const client = createClient(SimulatorService, open(server.url));
  return await client.simulateWork({}).then(
    () => new ConnectError("there was no error"),
    (error: unknown) => ConnectError.from(error),
  );
}
