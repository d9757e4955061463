import { gunzipSync, gzipSync } from "node:zlib";
import { Code, ConnectError } from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { gzipInTurn } from "../../src/server/gzip-in-turn.ts";

const MOST_BYTES = 4 * 1024 * 1024;
const SMALL = Buffer.from("small");
const LARGE = Buffer.alloc(2 * 1024 * 1024, "large");

/** Gzip, of which one can tell how many large messages it is decompressing. */
function watched() {
  let now = 0;
  let most = 0;
  const gzip = {
    ...compressionGzip,
    async decompress(bytes: Uint8Array, readMaxBytes: number) {
      const isLarge = readMaxBytes > 64 * 1024;
      if (isLarge) most = Math.max(most, ++now);
      try {
        return await compressionGzip.decompress(bytes, readMaxBytes);
      } finally {
        if (isLarge) now--;
      }
    },
  };
  return { gzip, most: () => most };
}

describe("gzip in turn", () => {
  it("gives back what was compressed, small and large", async () => {
    const gzip = gzipInTurn();
    for (const bytes of [Buffer.alloc(0), SMALL, LARGE]) {
      const compressed = await gzip.compress(Uint8Array.from(bytes));
      expect(gunzipSync(compressed).equals(bytes)).toBe(true);
      expect(Buffer.from(await gzip.decompress(compressed, MOST_BYTES)).equals(bytes)).toBe(true);
    }
  });

  it("decompresses no more large messages at once than it may", async () => {
    const { gzip, most } = watched();
    const inTurn = gzipInTurn(gzip, 2);
    const compressed = Uint8Array.from(gzipSync(LARGE));
    const all = Array.from({ length: 8 }, () => inTurn.decompress(compressed, MOST_BYTES));
    for (const bytes of await Promise.all(all)) expect(bytes.byteLength).toBe(LARGE.byteLength);
    expect(most()).toBe(2);
  });

  it("has no small message wait for large ones", async () => {
    const inTurn = gzipInTurn(compressionGzip, 1);
    const ended: string[] = [];
    const compressed = Uint8Array.from(gzipSync(LARGE));
    const large = Array.from({ length: 20 }, () =>
      inTurn.decompress(compressed, MOST_BYTES).then(() => ended.push("large")),
    );
    await inTurn.decompress(Uint8Array.from(gzipSync(SMALL)), MOST_BYTES);
    ended.push("small");
    await Promise.all(large);
    expect(ended.indexOf("small")).toBeLessThan(ended.length - 1);
  });

  it.each([
    ["is too large", gzipSync(Buffer.alloc(MOST_BYTES + 1)), Code.ResourceExhausted],
    ["is no gzip", Buffer.from("no gzip"), Code.InvalidArgument],
  ])("refuses what %s as Connect does, and goes on", async (_, bytes, code) => {
    const inTurn = gzipInTurn(compressionGzip, 1);
    const refusal = (gzip: typeof inTurn) =>
      gzip.decompress(Uint8Array.from(bytes), MOST_BYTES).then(
        () => "taken",
        (error: unknown) => error,
      );
    const error = await refusal(inTurn);
    expect(error).toEqual(await refusal(compressionGzip));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toHaveProperty("code", code);
    expect((await inTurn.decompress(Uint8Array.from(gzipSync(LARGE)), MOST_BYTES)).byteLength).toBe(
      LARGE.byteLength,
    );
  });
});
