import {
  create,
  createFileRegistry,
  type DescMethod,
  type DescMethodBiDiStreaming,
  type DescMethodClientStreaming,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type MessageInitShape,
} from "@bufbuild/protobuf";
import {
  type Any,
  type AnySchema,
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  type MethodDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import type { ConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { FOREIGN, FOREIGN_JSON } from "../json/sample-anys.ts";
import { callHttp2, connectHttp2, envelope } from "./calls.ts";
import { openServer } from "./open-server.ts";

const ANY = ".google.protobuf.Any";

/** A service that answers each Any with itself, in every kind of method. */
const methods = methodsOf([
  { name: "Unary" },
  { name: "Server", serverStreaming: true },
  { name: "Client", clientStreaming: true },
  { name: "Bidi", clientStreaming: true, serverStreaming: true },
]);

describe.each(["application/connect+json", "application/grpc+json"])("a stream as %s", (contentType) => {
  const names = methods.map(({ name }) => name);

  it.each(names.filter((name) => name !== "Unary" || contentType.includes("grpc")))(
    "of the kind %s gives back an Any of an unknown type",
    async (name) => {
      expect((await echoed(name, contentType)).json).toEqual(FOREIGN_JSON);
    },
  );

  it.each(names.filter((name) => name !== "Unary" || contentType.includes("grpc")))(
    "of the kind %s has the bytes of an Any of an unknown type",
    async (name) => {
      expect((await echoed(name, contentType)).received).toEqual([FOREIGN]);
    },
  );
});

/** What a method answers an Any of an unknown type with, and what its implementation has seen. */
async function echoed(name: string, contentType: string) {
  const received: Any[] = [];
  await using server = await openServer({ routes: (router) => mountEcho(router, received) });
  const session = connectHttp2(server.url);
  const headers = { "content-type": contentType, ":path": `/test.Anys/${name}`, te: "trailers" };
  const { text } = await callHttp2(session, headers, envelope(JSON.stringify(FOREIGN_JSON)));
  session.destroy();
  const bytes = Buffer.from(text, "latin1");
  return { received, json: JSON.parse(bytes.subarray(5, 5 + bytes.readUInt32BE(1)).toString()) };
}

function mountEcho(router: ConnectRouter, received: Any[]): void {
  const seen = (message: Any) => {
    received.push(message);
    return message;
  };
  // A registry does not know the types of a method; the file below says that they are Any.
  const [unary, server, client, bidi] = methods as unknown as [
    DescMethodUnary<typeof AnySchema, typeof AnySchema>,
    DescMethodServerStreaming<typeof AnySchema, typeof AnySchema>,
    DescMethodClientStreaming<typeof AnySchema, typeof AnySchema>,
    DescMethodBiDiStreaming<typeof AnySchema, typeof AnySchema>,
  ];
  router.rpc(unary, seen);
  router.rpc(server, async function* (request) {
    yield seen(request);
  });
  router.rpc(client, async (requests) => {
    for await (const request of requests) return seen(request);
    throw new Error("nothing was sent");
  });
  router.rpc(bidi, async function* (requests) {
    for await (const request of requests) yield seen(request);
  });
}

function methodsOf(
  kinds: readonly MessageInitShape<typeof MethodDescriptorProtoSchema>[],
): readonly DescMethod[] {
  const file = create(FileDescriptorProtoSchema, {
    name: "test/anys.proto",
    package: "test",
    syntax: "proto3",
    dependency: ["google/protobuf/any.proto"],
    service: [{ name: "Anys", method: kinds.map((kind) => ({ ...kind, inputType: ANY, outputType: ANY })) }],
  });
  return createFileRegistry(file, () => file_google_protobuf_any).getService("test.Anys")?.methods ?? [];
}
