import { availableParallelism } from "node:os";
import { Code, ConnectError } from "@connectrpc/connect";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionGzip } from "@connectrpc/connect-node";

/** What becomes no larger is decompressed as it comes: nearly all messages are small. */
const SMALL_BYTES = 64 * 1024;

/** How many large ones are decompressed at once: a processor is left to the thread that answers everybody. */
const AT_ONCE = Math.max(1, Math.min(4, availableParallelism()) - 1);

/**
 * Gzip as Connect has it, of which few large messages are decompressed at once. Some bytes become megabytes, and a few
 * clients that send such bytes all the time would otherwise keep all processors, while a single thread has to answer.
 */
export function gzipInTurn(gzip: Compression = compressionGzip, atOnce = AT_ONCE): Compression {
  const waiting: (() => void)[] = [];
  let free = atOnce;
  const turn = () => {
    if (free === 0) return new Promise<void>((resolve) => waiting.push(resolve));
    free--;
    return undefined;
  };
  const pass = () => {
    const next = waiting.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    name: gzip.name,
    compress: (bytes) => gzip.compress(bytes),
    async decompress(bytes, readMaxBytes) {
      try {
        return await gzip.decompress(bytes, Math.min(readMaxBytes, SMALL_BYTES));
      } catch (error) {
        const isLarge = error instanceof ConnectError && error.code === Code.ResourceExhausted;
        if (!isLarge || readMaxBytes <= SMALL_BYTES) throw error;
      }
      await turn();
      try {
        return await gzip.decompress(bytes, readMaxBytes);
      } finally {
        pass();
      }
    },
  };
}
