import { describe, expect, it } from "vitest";
import { shortenDeadline } from "../../src/server/deadline-header.ts";
import { callHttp2, connectHttp2, envelope } from "./calls.ts";
import { openServer, RUNNING } from "./open-server.ts";
import { WAIT_OPERATION } from "./raw-http.ts";

describe("a deadline", () => {
  it.each([
    ["connect-timeout-ms", "1"],
    ["connect-timeout-ms", "2147483000"],
    ["connect-timeout-ms", "soon"],
    ["connect-timeout-ms", "99999999999"],
    ["grpc-timeout", "1n"],
    ["grpc-timeout", "99999999m"],
    ["grpc-timeout", "596H"],
    ["grpc-timeout", "2147483S"],
    ["grpc-timeout", "soon"],
    ["grpc-timeout", "999999999H"],
  ])("of %s %s stays", (name, value) => {
    const header = new Headers({ [name]: value });
    shortenDeadline(header);
    expect(header.get(name)).toBe(value);
  });

  it.each([
    ["connect-timeout-ms", "2147483648", "2147483000"],
    ["connect-timeout-ms", "9999999999", "2147483000"],
    ["grpc-timeout", "597H", "2147483S"],
    ["grpc-timeout", "99999999H", "2147483S"],
    ["grpc-timeout", "99999999M", "2147483S"],
    ["grpc-timeout", "2147484S", "2147483S"],
  ])("of %s %s, longer than a timer, becomes the longest", (name, value, longest) => {
    const header = new Headers({ [name]: value });
    shortenDeadline(header);
    expect(header.get(name)).toBe(longest);
  });

  it("of a year lets a call over Connect wait", async () => {
    expect(
      await outlastsOther({ "connect-timeout-ms": "9999999999" }, JSON.stringify({ name: RUNNING })),
    ).toBe(true);
  });

  it("of ten thousand years lets a call over gRPC wait", async () => {
    const message = Buffer.concat([Buffer.from([10, RUNNING.length]), Buffer.from(RUNNING)]);
    const headers = { "content-type": "application/grpc", "grpc-timeout": "99999999H" };
    expect(await outlastsOther(headers, envelope(message))).toBe(true);
  });
});

/** Whether a call with such headers still waits when one that began later, for a few milliseconds, is answered. */
async function outlastsOther(headers: Record<string, string>, body: string | Uint8Array): Promise<boolean> {
  await using server = await openServer();
  const session = connectHttp2(server.url);
  let answered = false;
  void callHttp2(session, { ":path": WAIT_OPERATION, ...headers }, body).then(() => {
    answered = true;
  });
  await callHttp2(session, { ":path": WAIT_OPERATION }, JSON.stringify({ name: RUNNING, timeout: "0.05s" }));
  const outlasted = !answered;
  session.destroy();
  return outlasted;
}
