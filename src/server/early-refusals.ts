import { Code } from "@connectrpc/connect";
import type { EarlyRefusal } from "./early-answer.ts";

/** The longest path that an answer repeats. */
const SHOWN_LENGTH = 128;

/** A path is nobody's. */
export function pathNotServed(target: string): EarlyRefusal {
  const path = target.slice(0, SHOWN_LENGTH);
  return {
    code: Code.Unimplemented,
    http: { code: 404, status: "NOT_FOUND" },
    message: `path ${JSON.stringify(path)} is not served`,
    reason: "PATH_NOT_SERVED",
    metadata: { path },
  };
}

/** A call is for a host by whose name nobody may call. */
export function hostNotAllowed(authority: string): EarlyRefusal {
  const host = authority.slice(0, SHOWN_LENGTH);
  return {
    code: Code.PermissionDenied,
    http: { code: 403, status: "PERMISSION_DENIED" },
    message: `host ${JSON.stringify(host)} is not one that this server may be called by; --allow-host, or allowedHosts of serve, allows it`,
    reason: "HOST_NOT_ALLOWED",
    metadata: { host },
  };
}
