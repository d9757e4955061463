import { type Cluster, Redis, type RedisOptions } from "ioredis";

/** A connection to Redis, or to a Redis Cluster. */
export type RedisClient = Redis | Cluster;

/**
 * Where Redis is: a URL, what ioredis makes a connection of, or a connection to take after. One that is given is left
 * alone: each that is needed is made anew, with the same options.
 */
export type RedisSource = string | RedisOptions | RedisClient;

/** What a connection is like, whatever its source says. */
export type OwnOptions = Pick<RedisOptions, "maxRetriesPerRequest" | "commandTimeout" | "socketTimeout">;

/** How long from now another try to connect begins; not a number where there is to be none. */
export type RetryStrategy = (times: number) => number | null;

/** The only replies that BullMQ reads. */
const LEGACY = { replyMapping: "legacy" } as const;

/** Connects to Redis. `wrap` makes of the way in which the source would try again the way in which it is done. */
export function connect(
  source: RedisSource,
  own: OwnOptions,
  wrap: (retry: RetryStrategy) => RetryStrategy,
): RedisClient {
  if (typeof source === "string")
    return new Redis(source, { ...LEGACY, ...own, retryStrategy: wrap(soonThenSeldom) });
  if (!("duplicate" in source)) {
    return new Redis({ ...source, ...LEGACY, ...own, retryStrategy: wrap(strategy(source.retryStrategy)) });
  }
  if (isCluster(source)) {
    const { redisOptions, clusterRetryStrategy } = source.options;
    return source.duplicate([], {
      redisOptions: { ...redisOptions, ...LEGACY, ...own },
      clusterRetryStrategy: wrap(strategy(clusterRetryStrategy)),
    });
  }
  return source.duplicate({ ...LEGACY, ...own, retryStrategy: wrap(strategy(source.options.retryStrategy)) });
}

// Another copy of ioredis may have made it: its class is not the one that is imported here.
function isCluster(client: RedisClient): client is Cluster {
  return client.isCluster;
}

function strategy(given: ((times: number) => unknown) | null | undefined): RetryStrategy {
  if (given === undefined || given === null) return soonThenSeldom;
  return (times) => {
    const delayMs = given(times);
    return typeof delayMs === "number" ? delayMs : null;
  };
}

/** Every two seconds at last, and not all processes at the same moment. */
function soonThenSeldom(times: number): number {
  return Math.min(50 * 2 ** times, 2_000) * (0.5 + Math.random() / 2);
}
