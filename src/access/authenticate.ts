import type { PeerCertificate } from "node:tls";
import type { DescMethod } from "@bufbuild/protobuf";
import type { Principal } from "./principal.ts";

/** What a call shows of its caller, before its body is read. */
export interface CallHead {
  readonly method: DescMethod;
  readonly header: Headers;
  /** The certificate that the caller has shown, and that the server has verified (mutual TLS). */
  readonly certificate: PeerCertificate | undefined;
}

/**
 * Finds out who calls. Answers undefined where the call has no credential of the kind that it knows, and throws a
 * ConnectError, as a rule UNAUTHENTICATED, where it has one that does not hold.
 */
export type Authenticate = (call: CallHead) => Principal | undefined | Promise<Principal | undefined>;
