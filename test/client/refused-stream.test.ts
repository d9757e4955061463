import { once } from "node:events";
import http2 from "node:http2";
import type { AddressInfo } from "node:net";
import { createClient } from "@connectrpc/connect";
import { connectNodeAdapter, createConnectTransport, createGrpcTransport } from "@connectrpc/connect-node";
import { afterEach, describe, expect, it } from "vitest";
import { OperationHandle, Operations } from "../../src/client/index.ts";
import { HurriedClock } from "./hurried-clock.ts";
import { Counting, NAME, running, succeeded } from "./scripted-server.ts";

const HELD = "operations/held";

let server: http2.Http2Server;

afterEach(() => server.close());

/**
 * Listens, holds a GetOperation of HELD until `release`, and sends GOAWAY when a second call comes: the first
 * may go on, and the second is refused.
 */
async function listenGoingAway() {
  const held = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const adapter = connectNodeAdapter({
    routes: (router) =>
      router.service(Operations, {
        async getOperation({ name }) {
          if (name === HELD) {
            arrived.resolve();
            await held.promise;
          }
          return running();
        },
        waitOperation: () => succeeded("yes"),
      }),
  });
  let requests = 0;
  server = http2.createServer((request, response) => {
    requests += 1;
    if (requests === 2) request.stream.session?.goaway(http2.constants.NGHTTP2_NO_ERROR, 1);
    else adapter(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { baseUrl, arrived: arrived.promise, release: held.resolve };
}

const transports = {
  gRPC: (baseUrl: string) => createGrpcTransport({ baseUrl }),
  Connect: (baseUrl: string) => createConnectTransport({ baseUrl, httpVersion: "2" }),
};

describe.each(Object.entries(transports))("a call over %s that meets a GOAWAY", (_, transportTo) => {
  /** Does something with a handle on a connection that goes away meanwhile. */
  async function whileGoingAway<T>(
    act: (handle: OperationHandle<typeof Counting.response, typeof Counting.metadata>) => Promise<T>,
  ): Promise<T> {
    const { baseUrl, arrived, release } = await listenGoingAway();
    const client = createClient(Operations, transportTo(baseUrl));
    const first = client.getOperation({ name: HELD });
    await arrived;
    const settings = { clock: new HurriedClock() };
    const answer = await act(new OperationHandle(client, Counting, NAME, settings));
    release();
    await first;
    return answer;
  }

  it("is sent again by a poll", async () => {
    expect(await whileGoingAway((handle) => handle.poll())).toBe(false);
  });

  it("is sent again by a wait", async () => {
    expect((await whileGoingAway((handle) => handle.result())).value).toBe("yes");
  });
});
