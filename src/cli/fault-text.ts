import { Code, ConnectError } from "@connectrpc/connect";
import { plainText } from "../server/plain-text.ts";
import { codeName } from "../summary/code-name.ts";
import type { Settings } from "./settings.ts";

/** What is wrong, and what a person may do about it. */
interface Fault {
  readonly what: string;
  readonly hint: string | undefined;
}

const UNTRUSTED = [
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "CERT_SIGNATURE_FAILURE",
];

/** What gRPC's transport says of an answer that is none of gRPC's. */
const NOT_RPC =
  /^(HTTP \d+|.*(unsupported content type|missing content type|protocol error|unexpected content|missing trailer|cannot decode|parse error))/i;

/** A call that failed, in one line with a hint. */
export function faultText(error: unknown, settings: Settings | undefined): string {
  const { what, hint } = faultOf(error, settings);
  return plainText(hint === undefined ? what : `${what}; ${hint}`);
}

function faultOf(error: unknown, settings: Settings | undefined): Fault {
  if (!(error instanceof ConnectError)) {
    return { what: error instanceof Error ? error.message : String(error), hint: "--debug shows the rest" };
  }
  const server = settings?.server.value ?? "the server";
  return connectionFault(error, server, settings) ?? answeredFault(error, server, settings);
}

/** The fault of a call that did not get as far as a server that speaks the protocol; undefined for any other. */
function connectionFault(
  error: ConnectError,
  server: string,
  settings: Settings | undefined,
): Fault | undefined {
  const codes = causes(error).flatMap((cause) => ("code" in cause ? [String(cause.code)] : []));
  const has = (...wanted: readonly string[]) => codes.some((code) => wanted.includes(code));
  if (has("ECONNREFUSED")) {
    return {
      what: `nothing listens at ${server}`,
      hint: "longrunning serve starts a server, --server names another one",
    };
  }
  if (has("ENOTFOUND", "EAI_AGAIN")) {
    return { what: `the host of ${server} is not known`, hint: "--server names another one" };
  }
  if (has("EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT")) {
    return { what: `${server} cannot be reached`, hint: "--server names another one" };
  }
  const untrusted = codes.find((code) => UNTRUSTED.includes(code));
  if (untrusted !== undefined) {
    return {
      what: `the certificate of ${server} is not trusted (${untrusted.toLowerCase().replaceAll("_", " ")})`,
      hint: "--ca FILE names whom to trust, --insecure trusts anybody",
    };
  }
  if (has("ERR_SSL_WRONG_VERSION_NUMBER", "ERR_SSL_PACKET_LENGTH_TOO_LONG", "EPROTO")) {
    const plain = server.replace(/^https:/, "http:");
    return { what: `${server} does not speak TLS`, hint: `--server ${plain} calls it without` };
  }
  const isFromServer = error.details.length > 0;
  const broke = codes.some((code) => /^(ECONNRESET|EPIPE|ERR_HTTP2_|HPE_)/.test(code));
  if (!isFromServer && (broke || NOT_RPC.test(error.rawMessage) || isForeignUnimplemented(error))) {
    const protocol = settings?.protocol.value ?? "grpc";
    const others = ["grpc", "connect", "grpc-web"].filter((one) => one !== protocol).join(" or ");
    return {
      what: `${server} does not answer as a google.longrunning server over ${protocol} (${error.rawMessage})`,
      hint: `--protocol ${others} may be what it speaks`,
    };
  }
  return undefined;
}

// An HTTP server that knows no RPC answers 404, which every protocol reads as UNIMPLEMENTED.
function isForeignUnimplemented({ code, rawMessage }: ConnectError): boolean {
  return code === Code.Unimplemented && /^HTTP 404$/.test(rawMessage);
}

/** The fault of a call that the server has answered. */
function answeredFault(error: ConnectError, server: string, settings: Settings | undefined): Fault {
  const what = error.rawMessage === "" ? `${server} answers ${codeName(error.code)}` : error.rawMessage;
  return { what: `${codeName(error.code)}: ${what}`, hint: hintOf(error.code, settings) };
}

function hintOf(code: Code, settings: Settings | undefined): string | undefined {
  switch (code) {
    case Code.NotFound:
      return "longrunning list shows which operations there are";
    case Code.Unauthenticated:
      return tokenHint(settings);
    case Code.PermissionDenied:
      return "longrunning config shows as whom the server is called";
    case Code.Unimplemented:
      return "the server does not offer this";
    case Code.Unavailable:
      return "the server may be starting or overloaded: trying again is harmless";
    case Code.DeadlineExceeded:
      return "the server took too long to answer";
    default:
      return "--debug shows the rest";
  }
}

function tokenHint(settings: Settings | undefined): string {
  switch (settings?.token?.value.kind) {
    case "environment":
      return "the token in LONGRUNNING_TOKEN may have expired, or be for another server";
    case "command":
      return `the token of tokenCommand in ${settings.token.from} was refused, and so was a new one`;
    default:
      return "LONGRUNNING_TOKEN, or tokenCommand in a profile, has the token of calls";
  }
}

function causes(error: unknown): readonly Error[] {
  const found: Error[] = [];
  for (let cause = error; cause instanceof Error && found.length < 10; cause = cause.cause) found.push(cause);
  // A ConnectError's own code is not one of Node's.
  return found.filter((cause) => !(cause instanceof ConnectError));
}
