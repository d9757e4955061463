import { afterAll, beforeAll, beforeEach } from "vitest";
import { openRedis, type TestRedis } from "./redis-server.ts";

/** Redis for the tests of a file, each of which has keys of its own in it. */
export function useRedis(): Pick<TestRedis, "url" | "prefix"> {
  let redis: TestRedis;
  let cases = 0;
  beforeAll(async () => {
    redis = await openRedis();
  });
  beforeEach(() => {
    cases++;
  });
  afterAll(() => redis[Symbol.asyncDispose]());
  return {
    get url() {
      return redis.url;
    },
    get prefix() {
      return `${redis.prefix}:${cases}`;
    },
  };
}
