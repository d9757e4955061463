import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { Config } from "./config.ts";
import { UsageError } from "./usage-error.ts";

/** The key and the certificates of the flags. Throws a UsageError where they cannot be read, or are none. */
export async function readTls(
  { keyFile, certFile }: NonNullable<Config["tls"]>,
  clientCaFile: string | undefined,
) {
  const key = await readPem("--tls-key", keyFile);
  const cert = await readPem("--tls-cert", certFile);
  try {
    createSecureContext({ key, cert });
  } catch (error) {
    const why = (error as Error).message;
    throw new UsageError(`--tls-key "${keyFile}" and --tls-cert "${certFile}" are no pair: ${why}`);
  }
  if (clientCaFile === undefined) return { key, cert };
  const clientCa = await readPem("--tls-client-ca", clientCaFile);
  try {
    createSecureContext({ ca: clientCa });
  } catch (error) {
    throw new UsageError(
      `--tls-client-ca "${clientCaFile}" has no certificates: ${(error as Error).message}`,
    );
  }
  return { key, cert, clientCa };
}

async function readPem(flag: string, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UsageError(`${flag} "${file}" cannot be read: ${(error as Error).message}`);
  }
}
