import type { AccessOptions } from "../access/access-options.ts";
import type { Authenticate } from "../access/authenticate.ts";
import { certificateIdentity } from "../access/certificate-identity.ts";
import { ownerOnly } from "../access/policies.ts";
import type { AccessConfig } from "./access-config.ts";
import { UsageError } from "./usage-error.ts";

/** Who may call, as the flags say. Throws a UsageError where `jose` is not installed, or keys cannot be had so. */
export async function openAccess(config: AccessConfig): Promise<AccessOptions> {
  const authenticate: Authenticate[] = [];
  if (config.jwt !== undefined) authenticate.push(await openJwt(config.jwt));
  if (config.clientCaFile !== undefined) authenticate.push(certificateIdentity());
  const { scopes } = config;
  return {
    authenticate,
    authorize: config.policy === "owner" ? ownerOnly() : () => true,
    scopes: scopes === undefined ? undefined : scopes.length === 0 ? false : { all: scopes, read: [] },
    closed: config.isClosed ? ["health", "reflection"] : [],
  };
}

async function openJwt(jwt: NonNullable<AccessConfig["jwt"]>): Promise<Authenticate> {
  const { jwtBearer } = await loadJwt();
  try {
    return jwtBearer(jwt);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(`--jwt-keys: ${error.message}`);
  }
}

/** Only who uses it needs jose. */
async function loadJwt() {
  try {
    return await import("../access/jwt/jwt-bearer.ts");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    throw isMissing ? new UsageError('--jwt-issuer needs the npm package "jose"; npm install jose') : error;
  }
}
