import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema as FileSchema } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { CompressFile } from "../../examples/archive/compress-file.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { packed } from "../../src/operation/encoded-message.ts";
import { type OpenServer, type OpenServerOptions, openServer } from "../server/open-server.ts";
import { runCli } from "./run-cli.ts";
import { keep } from "./sample-operations.ts";

const BYTES = packed(CompressFile.metadata, { path: "a.txt", bytesRead: 5n, bytesTotal: 10n });
const IN_BASE64 = { "@type": BYTES.typeUrl, value: Buffer.from(BYTES.value).toString("base64") };

describe("a type that the program does not know", () => {
  let server: OpenServer;
  beforeAll(async () => {
    server = await openArchive({ create: { types: [CompressFile] } });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(["grpc", "connect", "grpc-web"])("is asked for at the server over %s", async (protocol) => {
    expect(await metadataAt(server, "--protocol", protocol)).toMatchObject({ path: "a.txt", bytesRead: "5" });
  });

  it("has its progress shown", async () => {
    const { err } = await runCli(["wait", "archive", "--timeout", "100ms", "--server", server.url]);
    expect(err.split("\n")[0]).toBe("50%  5 of 10 bytes  0s so far");
  });

  it("is shown in base64 with --no-reflection", async () => {
    expect(await metadataAt(server, "--no-reflection")).toEqual(IN_BASE64);
  });

  it("is shown in base64 where the server does not tell of types", async () => {
    await using silent = await openArchive({ create: { types: [CompressFile] }, reflection: false });
    expect(await metadataAt(silent)).toEqual(IN_BASE64);
  });

  it.each([
    ["bytes that are no file", [new Uint8Array([255])]],
    ["a file that imports itself", [fileOf({ name: "a.proto", dependency: ["a.proto"] })]],
    ["a file that imports what is nowhere", [fileOf({ name: "a.proto", dependency: ["b.proto"] })]],
    ["a file without the type", [fileOf({ name: "a.proto" })]],
    [
      "a type that refers to nothing",
      [
        fileOf({
          name: "a.proto",
          package: "archive.v1",
          messageType: [
            {
              name: "CompressFileMetadata",
              field: [{ name: "a", number: 1, type: 11, label: 1, typeName: ".b.C" }],
            },
          ],
        }),
      ],
    ],
  ])("is shown in base64 where the server tells %s of it", async (_, files) => {
    await using telling = await openArchive({
      reflection: false,
      routes: (router) =>
        router.service(ServerReflection, {
          async *serverReflectionInfo(requests) {
            for await (const _ of requests) {
              const value = { fileDescriptorProto: files };
              yield { messageResponse: { case: "fileDescriptorResponse", value } };
            }
          },
        }),
    });
    expect(await metadataAt(telling)).toEqual(IN_BASE64);
  });

  it("is asked for where it is packed in a type that is known", async () => {
    const error = create(StatusSchema, { code: 3, details: [BYTES] });
    await keep(server.store, "failed", 1, undefined, { case: "error", value: error });
    const { out } = await runCli(["get", "failed", "--server", server.url]);
    expect(parse(out).error.details[0].path).toBe("a.txt");
  });
});

async function openArchive(options: OpenServerOptions): Promise<OpenServer> {
  const server = await openServer(options);
  await keep(server.store, "archive", 1, BYTES);
  return server;
}

async function metadataAt({ url }: OpenServer, ...flags: string[]): Promise<unknown> {
  const { out } = await runCli(["get", "archive", "--server", url, ...flags]);
  return parse(out).metadata;
}

function fileOf(init: MessageInitShape<typeof FileSchema>): Uint8Array {
  return toBinary(FileSchema, create(FileSchema, init));
}
