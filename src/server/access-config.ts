import { isLoopback } from "./loopback.ts";
import { UsageError } from "./usage-error.ts";

/** Who may call, as flags say it. */
export interface AccessConfig {
  readonly jwt:
    | { readonly issuer: string; readonly audience: string; readonly keys: URL | string }
    | undefined;
  /** The file of the certificates that those of clients are signed with (mutual TLS). */
  readonly clientCaFile: string | undefined;
  /** What callers may do: with what they have started alone, or with everything. */
  readonly policy: "owner" | "any";
  /** Of these OAuth scopes calls need one; undefined: those of Google's APIs. */
  readonly scopes: readonly string[] | undefined;
  /** Whether health and reflection too are for callers who are let in. */
  readonly isClosed: boolean;
}

export const ACCESS_OPTIONS = {
  "jwt-issuer": { type: "string" },
  "jwt-audience": { type: "string" },
  "jwt-keys": { type: "string" },
  "jwt-scope": { type: "string", multiple: true },
  "tls-client-ca": { type: "string" },
  policy: { type: "string" },
  closed: { type: "boolean" },
  insecure: { type: "boolean" },
} as const;

export const ACCESS_USAGE = `  --jwt-issuer ISSUER   let in who bears a JWT of this issuer; with the next two flags
  --jwt-audience NAME   whom these tokens are for
  --jwt-keys KEYS       where the issuer's keys are: https://…, or a file with a JWKS
  --jwt-scope SCOPE     a scope that calls need; "" for none, several for any of them
                        (https://www.googleapis.com/auth/cloud-platform; also
                        cloud-platform.read-only for Get, List and Wait)
  --tls-client-ca FILE  let in who has a certificate that these have signed (nobody)
  --policy POLICY       owner: callers see what they have started; any: all (owner)
  --closed              ask who calls for health and reflection too
  --insecure            let other machines call, and ask nobody who they are
`;

type Values = { readonly [Name in keyof typeof ACCESS_OPTIONS]?: string | boolean | string[] | undefined };

/** Reads who may call; undefined where everybody may do everything. Throws a UsageError. */
export function readAccess(values: Values, isTls: boolean): AccessConfig | undefined {
  const jwt = readJwt(values);
  const clientCaFile = text(values["tls-client-ca"]);
  if (clientCaFile !== undefined && !isTls) {
    throw new UsageError("--tls-client-ca needs --tls-key and --tls-cert");
  }
  const policy = text(values.policy);
  if (policy !== undefined && policy !== "owner" && policy !== "any") {
    throw new UsageError(`--policy "${policy}" is not a policy; owner and any are`);
  }
  if (jwt === undefined && clientCaFile === undefined) {
    const idle = (["policy", "jwt-scope", "closed"] as const).find((name) => values[name] !== undefined);
    if (idle === undefined) return undefined;
    throw new UsageError(
      `--${idle} needs --jwt-issuer or --tls-client-ca: otherwise nobody is asked who they are`,
    );
  }
  const scopes = values["jwt-scope"];
  return {
    ...{ jwt, clientCaFile, policy: policy ?? "owner", isClosed: values.closed === true },
    scopes: Array.isArray(scopes) ? scopes.filter((scope) => scope !== "") : undefined,
  };
}

/** Refuses to let other machines do everything unasked. Throws a UsageError. */
export function checkExposure(host: string, access: AccessConfig | undefined, isInsecure: boolean): void {
  if (isLoopback(host) || access !== undefined || isInsecure) return;
  throw new UsageError(
    `--host "${host}" lets other machines do everything with all operations; --jwt-issuer or --tls-client-ca asks who they are, --insecure does not`,
  );
}

function readJwt(values: Values): AccessConfig["jwt"] {
  const [issuer, audience, keys] = [
    text(values["jwt-issuer"]),
    text(values["jwt-audience"]),
    text(values["jwt-keys"]),
  ];
  if (issuer === undefined && audience === undefined && keys === undefined) return undefined;
  if (!issuer || !audience || !keys) {
    throw new UsageError("--jwt-issuer, --jwt-audience and --jwt-keys go together");
  }
  if (!keys.includes("://")) return { issuer, audience, keys };
  if (URL.canParse(keys)) return { issuer, audience, keys: new URL(keys) };
  throw new UsageError(`--jwt-keys "${keys}" is neither a URL nor a file`);
}

function text(value: string | boolean | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
