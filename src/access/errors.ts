import { Code, type ConnectError } from "@connectrpc/connect";
import { quoted, type Reason, refusal, retryIn, shown } from "../operation/errors.ts";

/** The call has no credential, or none that this server knows. */
export function credentialsMissing(): ConnectError {
  return unauthenticated("the call has no credentials", { reason: "CREDENTIALS_MISSING" }, "Bearer");
}

/** The call's credential does not hold. `fault` completes the sentence "the access token …". */
export function tokenRefused(fault: string): ConnectError {
  return unauthenticated(
    `the access token ${fault}`,
    { reason: "ACCESS_TOKEN_INVALID" },
    'Bearer error="invalid_token"',
  );
}

/** The call's credential did hold, and does no longer. */
export function tokenExpired(): ConnectError {
  return unauthenticated(
    "the access token has expired",
    { reason: "ACCESS_TOKEN_EXPIRED" },
    'Bearer error="invalid_token"',
  );
}

/** The call's credential holds, but names its caller in a way that nobody can be kept by. */
export function callerUnnamed(): ConnectError {
  return unauthenticated(
    "the caller's id is empty, no text, or longer than 1000 bytes",
    { reason: "CALLER_UNNAMED" },
    "Bearer",
  );
}

/** What can tell whether a credential holds cannot be asked now. The cause is for the log alone. */
export function authenticationUnavailable(cause: unknown): ConnectError {
  const error = refusal(
    Code.Unavailable,
    "the keys that access tokens are signed with are not available",
    { reason: "AUTHENTICATION_UNAVAILABLE" },
    retryIn(5),
  );
  error.cause = cause;
  return error;
}

/** The caller's credential is for less than this call: it lacks each of these OAuth scopes (RFC 6750, section 3.1). */
export function scopeInsufficient(needed: readonly string[]): ConnectError {
  const error = refusal(
    Code.PermissionDenied,
    `the access token has none of the scopes ${needed.map((scope) => quoted(scope)).join(", ")}`,
    { reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", metadata: { scopes: needed.map(shown).join(" ") } },
  );
  error.metadata.set("www-authenticate", 'Bearer error="insufficient_scope"');
  return error;
}

/** The caller may not, and may not know whether there is such a resource either (AIP-211). */
export function accessDenied(name: string): ConnectError {
  return refusal(Code.PermissionDenied, `permission denied on ${quoted(name)} (or it might not exist)`, {
    reason: "PERMISSION_DENIED",
    metadata: { name: shown(name) },
  });
}

/** RFC 6750, section 3: HTTP's clients are told how to authenticate. */
function unauthenticated(message: string, reason: Reason, challenge: string): ConnectError {
  const error = refusal(Code.Unauthenticated, message, reason);
  error.metadata.set("www-authenticate", challenge);
  return error;
}
