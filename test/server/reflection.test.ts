import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { create, createFileRegistry, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { Code, createClient } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
} from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionAlpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { openServer } from "./open-server.ts";

type Question = NonNullable<MessageInitShape<typeof ServerReflectionRequestSchema>["messageRequest"]>;

const SERVICES = [
  "google.longrunning.Operations",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "longrunning.testing.v1.SimulatorService",
  "longrunning.v1.OperationsWatchService",
];

const LIST: Question = { case: "listServices", value: "" };
const symbol = (value: string): Question => ({ case: "fileContainingSymbol", value });

describe("grpc.reflection", () => {
  it.each([
    ["v1 over gRPC", ServerReflection, createGrpcTransport],
    ["v1 over gRPC-Web", ServerReflection, createGrpcWebTransport],
    ["v1 over Connect", ServerReflection, createConnectTransport],
    ["v1alpha over gRPC", ServerReflectionAlpha, createGrpcTransport],
  ])("%s lists every service", async (_, service, createTransport) => {
    await using server = await openServer();
    const client = createClient(service, createTransport({ baseUrl: server.url, httpVersion: "2" }));
    const names: string[] = [];
    for await (const { messageResponse } of client.serverReflectionInfo(only({ messageRequest: LIST }))) {
      if (messageResponse.case !== "listServicesResponse") continue;
      names.push(...messageResponse.value.service.map(({ name }) => name));
    }
    expect(names).toEqual(SERVICES);
  });

  it.each(SERVICES)("sends all that %s is made of", async (service) => {
    const [files = []] = await filesOf(symbol(service));
    expect(typesIn(files)).toContain(service);
  });

  it("sends the types that only an Any has", async () => {
    const [files = []] = await filesOf(symbol("google.rpc.BadRequest"));
    expect(typesIn(files)).toContain("google.rpc.BadRequest");
  });

  it("sends a file by its name, first of all", async () => {
    const [files = []] = await filesOf({ case: "fileByFilename", value: "google/rpc/status.proto" });
    expect(files.map(({ name }) => name)).toEqual(["google/rpc/status.proto", "google/protobuf/any.proto"]);
  });

  it("sends a file by the number of an extension", async () => {
    const value = { containingType: "google.protobuf.MethodOptions", extensionNumber: 1049 };
    const [files = []] = await filesOf({ case: "fileContainingExtension", value });
    expect(files[0]?.name).toBe("google/longrunning/operations.proto");
  });

  it("sends what it has sent already only to who asks for it", async () => {
    const name = "google/rpc/status.proto";
    const [, again = [], imported = []] = await filesOf(
      symbol("google.rpc.Status"),
      { case: "fileByFilename", value: name },
      { case: "fileByFilename", value: "google/protobuf/any.proto" },
    );
    expect([again, imported].map((files) => files.map((file) => file.name))).toEqual([
      [name],
      ["google/protobuf/any.proto"],
    ]);
  });

  it("knows the numbers of extensions", async () => {
    const [answer] = await answersTo({
      case: "allExtensionNumbersOfType",
      value: "google.protobuf.MethodOptions",
    });
    expect(answer?.messageResponse.value).toMatchObject({
      baseTypeName: "google.protobuf.MethodOptions",
      extensionNumber: [1049, 1051, 72295728],
    });
  });

  it.each<[Question, number, string]>([
    [symbol("no.Such"), Code.NotFound, 'symbol "no.Such" is not found'],
    [{ case: "fileByFilename", value: "no.proto" }, Code.NotFound, 'file "no.proto" is not found'],
    [{ case: "allExtensionNumbersOfType", value: "no.Such" }, Code.NotFound, 'type "no.Such" is not found'],
    [
      { case: "fileContainingExtension", value: { containingType: "no.Such", extensionNumber: 7 } },
      Code.NotFound,
      'extension 7 of "no.Such" is not found',
    ],
    [{ case: undefined }, Code.InvalidArgument, "message_request is not set"],
  ])(
    "answers %j with an error, and the next question all the same",
    async (question, errorCode, errorMessage) => {
      const [refused, answered] = await answersTo(question, LIST);
      expect([refused?.messageResponse, answered?.messageResponse.case]).toMatchObject([
        { case: "errorResponse", value: { errorCode, errorMessage } },
        "listServicesResponse",
      ]);
    },
  );

  it("says which question it answers", async () => {
    await using server = await openServer();
    const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: server.url }));
    const request = { host: "here", messageRequest: symbol("no.Such") };
    for await (const answer of client.serverReflectionInfo(only(request))) {
      expect(answer).toMatchObject({ validHost: "here", originalRequest: request });
    }
  });

  it("is refused over HTTP/1.1, which cannot stream both ways", async () => {
    await using server = await openServer();
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const headers = { "content-type": "application/connect+json" };
    expect((await fetch(server.url + path, { method: "POST", headers })).status).toBe(505);
  });

  it("can be left out", async () => {
    await using server = await openServer({ reflection: false });
    const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: server.url }));
    const asking = allOf(client.serverReflectionInfo(only({ messageRequest: LIST })));
    await expect(asking).rejects.toMatchObject({ code: Code.Unimplemented });
  });
});

describe("buf curl without a schema", () => {
  it.each(["grpc", "grpcweb", "connect"])("calls over %s", async (protocol) => {
    await using server = await openServer();
    const path = "/longrunning.testing.v1.SimulatorService/SimulateWork";
    const answer = await bufCurl(protocol, server.url + path, "-d", '{"payload":"seen"}');
    expect(JSON.parse(answer)).toMatchObject({
      response: {
        "@type": "type.googleapis.com/longrunning.testing.v1.SimulateWorkResponse",
        payload: "seen",
      },
    });
  });

  it.each(["grpc-v1", "grpc-v1alpha"])("lists every service by %s", async (version) => {
    await using server = await openServer();
    const listed = await bufCurl("grpc", server.url, "--reflect-protocol", version, "--list-services");
    expect(listed.trim().split("\n")).toEqual(SERVICES);
  });
});

async function* only<Message>(message: Message): AsyncIterable<Message> {
  yield message;
}

async function allOf<Message>(messages: AsyncIterable<Message>): Promise<Message[]> {
  const all: Message[] = [];
  for await (const message of messages) all.push(message);
  return all;
}

async function answersTo(...questions: Question[]) {
  await using server = await openServer();
  const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: server.url }));
  const requests = async function* () {
    for (const messageRequest of questions) yield { messageRequest };
  };
  return await allOf(client.serverReflectionInfo(requests()));
}

/** The files of each answer. */
async function filesOf(...questions: Question[]) {
  const answers = await answersTo(...questions);
  return answers.map(({ messageResponse }) => {
    if (messageResponse.case !== "fileDescriptorResponse")
      throw new Error(`${messageResponse.case} has no files`);
    return messageResponse.value.fileDescriptorProto.map((bytes) =>
      fromBinary(FileDescriptorProtoSchema, bytes),
    );
  });
}

/** The full names of all types that the files define. Throws where one of them lacks an import. */
function typesIn(files: Awaited<ReturnType<typeof filesOf>>[number]): string[] {
  const file = new Set<FileDescriptorProto>();
  const add = (name: string | undefined) => {
    const found = files.find((one) => one.name === name);
    for (const dependency of found?.dependency ?? []) add(dependency);
    if (found !== undefined) file.add(found);
  };
  add(files[0]?.name);
  const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [...file] }));
  return Array.from(registry, ({ typeName }) => typeName);
}

const BUF = fileURLToPath(new URL("../../node_modules/.bin/buf", import.meta.url));

async function bufCurl(protocol: string, url: string, ...more: string[]): Promise<string> {
  const options = ["curl", "--protocol", protocol, "--http2-prior-knowledge", "--reflect", ...more, url];
  const child = spawn(BUF, options, { stdio: ["ignore", "pipe", "inherit"] });
  const [answer] = await Promise.all([text(child.stdout), once(child, "close")]);
  return answer;
}
