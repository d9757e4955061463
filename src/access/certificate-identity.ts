import type { PeerCertificate } from "node:tls";
import type { Authenticate } from "./authenticate.ts";

/**
 * Knows callers by the certificates that they show (mutual TLS, `tls.clientCa`). `idOf` says who that is: by default
 * the URI among the certificate's subject alternative names, as SPIFFE has it, else the common name; undefined for a
 * certificate of nobody known.
 */
export function certificateIdentity(
  idOf: (certificate: PeerCertificate) => string | undefined = idIn,
): Authenticate {
  return ({ certificate }) => {
    const id = certificate && idOf(certificate);
    return id === undefined || id === "" ? undefined : { id };
  };
}

function idIn({ subjectaltname, subject }: PeerCertificate): string | undefined {
  // Node writes an alternative name in quotes where it has characters that could be taken for the next one's.
  const [, uri] = /(?:^|, )URI:([^",\s]+)(?=,|$)/.exec(subjectaltname ?? "") ?? [];
  const name: unknown = subject?.CN;
  return uri ?? (typeof name === "string" ? name : undefined);
}
