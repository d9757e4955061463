import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { ConnectRouter } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { SimulatorService } from "../../gen/longrunning/testing/v1/simulator_pb.ts";
import { directNodeAdapter } from "../../src/direct/direct-node-adapter.ts";
import { until } from "../until.ts";
import { openServer, RUNNING } from "./open-server.ts";
import { HOST, JSON_BODY, rawRequest, SIMULATE_WORK } from "./raw-http.ts";

/** A gate that lets nobody in, and how often it was asked. */
function closedGate() {
  const gate = {
    asked: 0,
    requestGate: () => {
      gate.asked++;
      return new Promise<void>(() => {});
    },
  };
  return gate;
}

/** Sends calls, has their client go as soon as the gate is asked, and answers what nobody has caught by then. */
async function thrownWhen(socket: Socket, bytes: string, gate: { readonly asked: number }) {
  const thrown: unknown[] = [];
  const note = (error: unknown) => void thrown.push(error);
  process.on("uncaughtException", note);
  socket.on("error", () => {});
  socket.write(bytes);
  await until(() => gate.asked > 0);
  socket.resetAndDestroy();
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
  process.off("uncaughtException", note);
  return thrown;
}

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
      const gate = closedGate();
      await using server = await openServer({ direct, connect: { requestGate: gate.requestGate } });
      expect(await thrownWhen(server.connect(), bytes, gate)).toEqual([]);
    });
  },
);

it("calls to directNodeAdapter whose client goes do not end the process either", async () => {
  const gate = closedGate();
  const routes = (router: ConnectRouter) => void router.service(SimulatorService, {});
  const adapter = directNodeAdapter({ routes, requestGate: gate.requestGate });
  const server = createServer(adapter).listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  const call = rawRequest({ target: SIMULATE_WORK, headers: [HOST, JSON_BODY, "Content-Encoding: gzip"] });
  const thrown = await thrownWhen(socket, call + call, gate);
  server.close();
  expect(thrown).toEqual([]);
});
