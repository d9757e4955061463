import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-web";
import type * as grpc from "@grpc/grpc-js";
import { type Operation, Operations } from "longrunning";

const run = promisify(execFile);

/** Waits for an operation until it is done, and answers what the server said. */
export type WaitingClient = (name: string) => Promise<{ readonly done: boolean }>;

/** JSON over HTTP/1.1, as curl sends it; as fetch does where the machine has no curl. */
export function curlClient(baseUrl: string): WaitingClient {
  const url = `${baseUrl}/google.longrunning.Operations/WaitOperation`;
  return async (name) => {
    const body = JSON.stringify({ name });
    const args = ["-sS", url, "-H", "content-type: application/json", "-d", body];
    try {
      return JSON.parse((await run("curl", args)).stdout);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      const answer = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      return JSON.parse(await answer.text());
    }
  };
}

/** gRPC over HTTP/2, by gRPC's own library for Node. */
export function grpcJsClient(channel: grpc.Client): WaitingClient {
  const { input, output, parent, name: method } = Operations.method.waitOperation;
  return (name) =>
    new Promise((resolve, reject) => {
      channel.makeUnaryRequest<string, Operation>(
        `/${parent.typeName}/${method}`,
        (name) => Buffer.from(toBinary(input, create(input, { name }))),
        (bytes) => fromBinary(output, bytes),
        name,
        (error, answer) => (answer === undefined ? reject(error) : resolve(answer)),
      );
    });
}

/** Connect over fetch, as a page in a browser has it. */
export function connectWebClient(baseUrl: string): WaitingClient {
  const client = createClient(Operations, createConnectTransport({ baseUrl, useBinaryFormat: true }));
  return (name) => client.waitOperation({ name });
}
