import { beforeAll, describe, expect, it } from "vitest";
import { waitingClients } from "../../examples/every-client/waiting-clients.ts";
import { listeningUrl, runSource } from "../examples/source-process.ts";

describe("npm run every-client", () => {
  beforeAll(async () => {
    for (const client of waitingClients) await client.install();
  });

  it("tells what curl, Python and Go got of one operation", async () => {
    await using example = runSource("examples/every-client.ts");
    await example.exit();
    expect(example.lines.slice(1).toSorted()).toEqual([
      expect.stringMatching(/^Go, cloud\.google\.com\/go\/longrunning: "hello" after \d+ ms$/),
      expect.stringMatching(/^Python, google-api-core: "hello" after \d+ ms$/),
      expect.stringMatching(/^curl, POST \/v1\/\{name\}:wait: "hello" after \d+ ms$/),
    ]);
  });

  it("uses the server that it is told of", async () => {
    await using server = runSource("test/interop/interop-server.ts");
    const url = await listeningUrl(server);
    await using example = runSource("examples/every-client.ts", [], { SERVER: url });
    expect(await example.line(/^operations/)).toMatch(new RegExp(`at ${url}$`));
  });
});
