import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import * as grpc from "@grpc/grpc-js";
import { Operations } from "longrunning/client";
import { SimulatorService } from "longrunning/testing";
import { expect, it } from "vitest";
import { connectWebClient, curlClient, grpcJsClient } from "../../bench/three-clients.ts";
import { listeningUrl, runSource } from "./source-process.ts";

it("answers curl, grpc-js and connect-web, who wait for one operation, when a cancel ends it", async () => {
  await using process = runSource("examples/reference-server.ts", [
    "--port",
    "0",
    "--store",
    "memory",
    "--simulator",
  ]);
  const url = await listeningUrl(process);
  const transport = createGrpcTransport({ baseUrl: url });
  const { name } = await createClient(SimulatorService, transport).simulateWork({
    duration: { seconds: 60n },
  });
  const channel = new grpc.Client(new URL(url).host, grpc.credentials.createInsecure());
  const clients = [curlClient(url), grpcJsClient(channel), connectWebClient(url)];
  const waiting = clients.map((wait) => wait(name));
  await createClient(Operations, transport).cancelOperation({ name });
  const answers = await Promise.all(waiting);
  channel.close();
  expect(answers.map(({ done }) => done)).toEqual([true, true, true]);
});
