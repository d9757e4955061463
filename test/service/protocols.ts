import { Agent } from "node:http";
import { createRegistry } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { Transport } from "@connectrpc/connect";
import {
  createConnectTransport,
  createGrpcTransport,
  createGrpcWebTransport,
  Http2SessionManager,
} from "@connectrpc/connect-node";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.ts";
import { file_longrunning_testing_v1_simulator } from "../../gen/longrunning/testing/v1/simulator_pb.ts";

/** A client's end of one connection. Disposing of it breaks the connection, with all the calls on it. */
export interface Connection extends Disposable {
  readonly transport: Transport;
}

/** One of the encodings in which every RPC is served. */
export interface Protocol {
  readonly name: string;
  /** Whether messages go as JSON, which cannot say all that bytes can. */
  readonly json: boolean;
  connect(url: string): Connection;
}

const jsonOptions = {
  registry: createRegistry(EmptySchema, file_google_rpc_error_details, file_longrunning_testing_v1_simulator),
};

export const grpc: Protocol = {
  name: "gRPC over h2c",
  json: false,
  connect: (baseUrl) =>
    overHttp2(baseUrl, (sessionManager) => createGrpcTransport({ baseUrl, sessionManager })),
};

const grpcWeb: Protocol = {
  name: "gRPC-Web over HTTP/1.1",
  json: false,
  connect: (baseUrl) =>
    overHttp1((agent) =>
      createGrpcWebTransport({ baseUrl, httpVersion: "1.1", useBinaryFormat: true, nodeOptions: { agent } }),
    ),
};

const connectBinary: Protocol = {
  name: "Connect binary over h2c",
  json: false,
  connect: (baseUrl) =>
    overHttp2(baseUrl, (sessionManager) =>
      createConnectTransport({ baseUrl, httpVersion: "2", useBinaryFormat: true, sessionManager }),
    ),
};

const connectJson: Protocol = {
  name: "Connect JSON over HTTP/1.1",
  json: true,
  connect: (baseUrl) =>
    overHttp1((agent) =>
      createConnectTransport({
        baseUrl,
        httpVersion: "1.1",
        useBinaryFormat: false,
        jsonOptions,
        nodeOptions: { agent },
      }),
    ),
};

/** For `describe.each`: what holds for one encoding holds for all. */
export const protocols: readonly Protocol[] = [grpc, grpcWeb, connectBinary, connectJson];

function overHttp2(url: string, transportOver: (sessions: Http2SessionManager) => Transport): Connection {
  const sessions = new Http2SessionManager(url);
  return { transport: transportOver(sessions), [Symbol.dispose]: () => sessions.abort() };
}

function overHttp1(transportOver: (agent: Agent) => Transport): Connection {
  const agent = new Agent({ keepAlive: true });
  return { transport: transportOver(agent), [Symbol.dispose]: () => agent.destroy() };
}
