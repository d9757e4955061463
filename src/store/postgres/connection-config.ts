import type { ClientConfig } from "pg";

/** How long making a connection, and a question on it, may take. */
const CONNECT_TIMEOUT_MS = 5_000;
const QUERY_TIMEOUT_MS = 15_000;

/** What an address says of TLS; where it says any of it, it says all of it. */
const TLS_PARAMETERS = ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey"];

/** TLS whose certificates are at hand and not in files; where they are in files, the address names them. */
export interface PostgresTls {
  /** The authorities whose certificates are trusted, in PEM form. Those that Node trusts by default. */
  readonly ca?: string | undefined;
  /** The certificate that this process shows to PostgreSQL, in PEM form. None by default. */
  readonly cert?: string | undefined;
  /** Its private key, in PEM form. */
  readonly key?: string | undefined;
}

/** An address that cannot be used. The message shows nothing of it. */
export class AddressFault extends Error {
  override readonly name = "AddressFault";
}

/**
 * How each connection to a database is made. An object of its own for each who asks: pg hides the key in the one
 * that it gets. Throws an AddressFault.
 */
export function connectionConfig(url: string, tls?: PostgresTls): ClientConfig {
  const parameters = parametersOf(url);
  if (tls !== undefined && TLS_PARAMETERS.some((name) => parameters.has(name))) {
    throw new AddressFault("it speaks of TLS, and so do the options");
  }
  const seconds = Number(parameters.get("connect_timeout"));
  return {
    connectionString: url,
    // pg does not read this one from an address.
    connectionTimeoutMillis: seconds > 0 ? seconds * 1_000 : CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    fallback_application_name: "longrunning",
    ...(tls && { ssl: { ...tls } }),
  };
}

function parametersOf(url: string): URLSearchParams {
  if (!URL.canParse(url)) return new URLSearchParams();
  const { pathname, hash, searchParams } = new URL(url);
  // Otherwise the rest of a password would be taken for a host and a database, and be shown, and be connected to.
  if (pathname.includes("@") || hash !== "") {
    throw new AddressFault('a "/", "?" or "#" in a user or password must be percent-encoded');
  }
  return searchParams;
}

/** A database as a message shows it: without the password, and without what may be the rest of one. */
export function nameOfDatabase(url: string): string {
  if (!URL.canParse(url)) return "with an address that cannot be read";
  const { host, pathname, search, hash, searchParams } = new URL(url);
  if (`${pathname}${search}${hash}`.includes("@")) return "with an address that may show a password";
  return `"${host || (searchParams.get("host") ?? "")}${pathname}"`;
}
