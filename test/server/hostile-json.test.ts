import { gzipSync } from "node:zlib";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { decodeBinaryHeader } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  file_google_rpc_error_details,
} from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { AnyRegistry } from "../../src/json/any-registry.ts";
import { callHttp2, connectHttp2, envelope, type Http2Answer } from "./calls.ts";
import { SIMULATE_WORK } from "./raw-http.ts";
import { underAttack } from "./under-attack.ts";

const attacked = underAttack();

/** JSON of 4 MB, nested nearly two million deep, in a field that the message has not. */
const DEEP = Buffer.from(`{"payload":"a","x":${"[".repeat(1_900_000)}${"]".repeat(1_900_000)}}`);

/** Every way in which JSON can come. */
const WAYS: readonly (readonly [way: string, type: string, encoding: string, isFramed: boolean])[] = [
  ["Connect", "application/json", "content-encoding", false],
  ["gRPC", "application/grpc+json", "grpc-encoding", true],
  ["gRPC-Web", "application/grpc-web+json", "grpc-encoding", true],
];

/** What a client is told: the code, the message, and the full names of the details. */
interface Told {
  readonly code: unknown;
  readonly message: unknown;
  readonly details: readonly string[];
}

function toldBy({ text, trailers }: Http2Answer): Told {
  if (text.startsWith("{")) {
    const { code, message, details = [] } = JSON.parse(text);
    return { code, message, details: details.map(({ type }: { type: string }) => type) };
  }
  const inBody = /grpc-status-details-bin: (\S+)/.exec(text)?.[1];
  const status = fromBinary(
    StatusSchema,
    decodeBinaryHeader(inBody ?? String(trailers["grpc-status-details-bin"])),
  );
  const registry = new AnyRegistry();
  registry.addFile(file_google_rpc_error_details);
  const details = status.details.map((any) => anyUnpack(any, registry)?.$typeName ?? any.typeUrl);
  return { code: status.code, message: status.message, details };
}

const MESSAGE = "JSON is nested more than 200 levels deep";
const DETAILS = [ErrorInfoSchema.typeName, BadRequestSchema.typeName];

describe.each(WAYS)("JSON over %s that is nested deep", (_, type, encoding, isFramed) => {
  const code = isFramed ? 3 : "invalid_argument";

  it.each([false, true])("is refused (compressed: %s)", async (isCompressed) => {
    const session = connectHttp2(attacked.server.url);
    const sent = isCompressed ? gzipSync(DEEP) : DEEP;
    const headers = { "content-type": type, ":path": SIMULATE_WORK, te: "trailers" };
    const compressed = isCompressed ? { [encoding]: "gzip" } : {};
    const body = isFramed ? envelope(sent, isCompressed ? 1 : 0) : sent;
    const told = toldBy(await callHttp2(session, { ...headers, ...compressed }, body));
    session.destroy();
    expect(told).toEqual({ code, message: MESSAGE, details: DETAILS });
  });
});

describe("JSON in a stream that is nested deep", () => {
  it("is refused", async () => {
    const session = connectHttp2(attacked.server.url);
    const path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    const headers = { "content-type": "application/connect+json", ":path": path };
    const { text } = await callHttp2(session, headers, envelope("[".repeat(201)));
    session.destroy();
    expect(text).toContain(`"invalid_argument","message":"${MESSAGE}"`);
  });
});

describe("JSON by REST that is nested deep", () => {
  it.each([false, true])("is refused (compressed: %s)", async (isCompressed) => {
    const answer = await fetch(`${attacked.server.url}/v1/simulator:simulateWork`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(isCompressed ? { "content-encoding": "gzip" } : {}),
      },
      body: isCompressed ? gzipSync(DEEP) : DEEP,
    });
    const { error }: { error: { code: number; message: string; details: { "@type": string }[] } } =
      await answer.json();
    const details = error.details.map((detail) => detail["@type"].replace("type.googleapis.com/", ""));
    expect({ ...error, details }).toMatchObject({ code: 400, message: MESSAGE, details: DETAILS });
  });
});
