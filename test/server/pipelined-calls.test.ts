import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { directNodeAdapter } from "../../src/direct/direct-node-adapter.ts";
import { until } from "../until.ts";
import { openServer, RUNNING } from "./open-server.ts";
import { HOST, JSON_BODY, rawRequest, SIMULATE_WORK } from "./raw-http.ts";

describe.each([true, false])(
  "calls that were sent together, whose client goes while the gate is asked (direct: %s)",
  (direct) => {
    const get = `GET /v1/${RUNNING} HTTP/1.1\r\n${HOST}\r\n\r\n`;
    const compressed = rawRequest({ headers: [HOST, JSON_BODY, "Content-Encoding: gzip"], body: "x" });
    it.each([
      ["of REST", get + get],
      ["whose bodies are compressed", compressed + compressed],
      ["that are plain", rawRequest() + rawRequest()],
    ])("%s do not end the process", async (_, bytes) => {
      let asked = 0;
      const requestGate = () => {
        asked++;
        return new Promise<void>(() => {});
      };
      const thrown: unknown[] = [];
      const note = (error: unknown) => void thrown.push(error);
      process.on("uncaughtException", note);
      await using server = await openServer({ direct, connect: { requestGate } });
      const socket = server.connect();
      socket.write(bytes);
      await until(() => asked > 0);
      socket.resetAndDestroy();
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
      process.off("uncaughtException", note);
      expect(thrown).toEqual([]);
    });
  },
);

it("calls to directNodeAdapter whose client goes do not end the process either", async () => {
  let asked = 0;
  const requestGate = () => {
    asked++;
    return new Promise<void>(() => {});
  };
  const thrown: unknown[] = [];
  const note = (error: unknown) => void thrown.push(error);
  process.on("uncaughtException", note);
  const routes = (router: ConnectRouter) => void router.service(SimulatorService, {});
  const server = createServer(directNodeAdapter({ routes, requestGate })).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  socket.on("error", () => {});
  const call = rawRequest({ target: SIMULATE_WORK, headers: [HOST, JSON_BODY, "Content-Encoding: gzip"] });
  socket.write(call + call);
  await until(() => asked > 0);
  socket.resetAndDestroy();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  process.off("uncaughtException", note);
  server.close();
  expect(thrown).toEqual([]);
});
