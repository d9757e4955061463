import { readFile } from "node:fs/promises";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import type { Clock } from "../../time/clock.ts";

/** Where the keys that tokens are signed with are told: a JWKS by URL, by the path of its file, or itself. */
export type KeySource = URL | string | JSONWebKeySet;

/** How long keys of a file are used before it is read again, in milliseconds, as those of a URL are. */
const FRESH_MS = 10 * 60_000;

/** A token whose key is not among those of a file has it read again, but not more often than this, in milliseconds. */
const COOLDOWN_MS = 30_000;

/** Finds the key of a token. Keys that are rotated are found without a restart. Throws a TypeError for no such source. */
export function openKeys(source: KeySource, clock: Clock): JWTVerifyGetKey {
  if (typeof source === "string") return fileKeys(source, clock);
  if (!(source instanceof URL)) return createLocalJWKSet(source);
  const isSafe =
    source.protocol === "https:" || /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(source.hostname);
  if (!isSafe || !/^https?:$/.test(source.protocol)) {
    throw new TypeError(`keys cannot be fetched from "${source.origin}": the URL must be https`);
  }
  return createRemoteJWKSet(source, { cacheMaxAge: FRESH_MS });
}

function fileKeys(file: string, clock: Clock): JWTVerifyGetKey {
  let read: Promise<JWTVerifyGetKey> | undefined;
  let readMs = 0;
  const keys = (mostMs: number): Promise<JWTVerifyGetKey> => {
    if (read === undefined || clock.monotonicMs() - readMs >= mostMs) {
      readMs = clock.monotonicMs();
      read = readKeys(file);
      // A file that cannot be read now may be the next time.
      read.catch(() => {
        read = undefined;
      });
    }
    return read;
  };
  return async (header, token) => {
    try {
      return await (await keys(FRESH_MS))(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      return (await keys(COOLDOWN_MS))(header, token);
    }
  };
}

async function readKeys(file: string): Promise<JWTVerifyGetKey> {
  return createLocalJWKSet(JSON.parse(await readFile(file, "utf8")));
}
