import { errors, type JWTPayload } from "jose";
import { quoted } from "../../operation/errors.ts";
import { type Clock, systemClock } from "../../time/clock.ts";
import type { Authenticate } from "../authenticate.ts";
import { authenticationUnavailable, tokenExpired, tokenRefused } from "../errors.ts";
import type { Principal } from "../principal.ts";
import { type KeySource, openKeys } from "./key-source.ts";
import { VerifiedTokens } from "./verified-tokens.ts";
import { verifyToken } from "./verify-token.ts";

/** Which JSON Web Tokens are believed (RFC 7519, RFC 9068). */
export interface JwtOptions {
  /** Who issues them: the `iss` claim must be this, or one of these. */
  readonly issuer: string | readonly string[];
  /** Whom they are for: the `aud` claim must have this, or one of these. */
  readonly audience: string | readonly string[];
  /** Where the issuer's keys are told. */
  readonly keys: KeySource;
  /** By which algorithms they may be signed. RS, PS and ES with SHA-2, and Ed25519, by default. */
  readonly algorithms?: readonly string[] | undefined;
  /** By how much the issuer's clock and this machine's may differ, in milliseconds. 30 s by default. */
  readonly clockToleranceMs?: number | undefined;
  /** Who the caller is. By default `{iss}#{sub}`: subjects of two issuers are two callers. */
  readonly idOf?: ((claims: JWTPayload) => string | undefined) | undefined;
  /** The machine's clock by default. */
  readonly clock?: Clock | undefined;
}

const ALGORITHMS = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];

/**
 * Knows callers by the JSON Web Token that they bear (`Authorization: Bearer …`, RFC 6750). Their scopes are those of
 * the `scope` or `scp` claim. A token that holds is believed for a minute before it is verified again.
 *
 * Throws a TypeError for keys that cannot be fetched safely.
 */
export function jwtBearer(options: JwtOptions): Authenticate {
  const clock = options.clock ?? systemClock;
  const keys = openKeys(options.keys, clock);
  const toleranceMs = options.clockToleranceMs ?? 30_000;
  const expected = {
    issuer: listOf(options.issuer),
    audience: listOf(options.audience),
    algorithms: [...(options.algorithms ?? ALGORITHMS)],
    requiredClaims: ["exp"],
    clockTolerance: toleranceMs / 1_000,
  };
  const verified = new VerifiedTokens(clock);
  const verify = async (token: string): Promise<Principal> => {
    try {
      const currentDate = new Date(clock.wallMs());
      const claims = await verifyToken(token, keys, { ...expected, currentDate });
      const principal = callerIn(claims, options.idOf ?? idIn);
      verified.keep(token, principal, (claims.exp ?? 0) * 1_000 + toleranceMs);
      return principal;
    } catch (error) {
      throw refusalOf(error);
    }
  };
  return ({ header }) => {
    const said = header.get("authorization");
    if (said === null) return undefined;
    const known = verified.whoSaid(said);
    if (known !== undefined) return known;
    const [, token] = /^bearer +(\S+) *$/i.exec(said) ?? [];
    return token === undefined ? undefined : (verified.get(token, said) ?? verify(token));
  };
}

function listOf(values: string | readonly string[]): string[] {
  return typeof values === "string" ? [values] : [...values];
}

function callerIn(claims: JWTPayload, idOf: (claims: JWTPayload) => string | undefined): Principal {
  const id = idOf(claims);
  if (id === undefined || id === "") throw new NobodysToken();
  return { id, scopes: scopesIn(claims), claims };
}

function idIn({ iss, sub }: JWTPayload): string | undefined {
  // What an issuer writes there that is no text would be one text for several.
  return iss === undefined || typeof sub !== "string" || sub === "" ? undefined : `${iss}#${sub}`;
}

/** Scopes stand in one claim, with spaces between (RFC 9068), or with some issuers in a list. */
function scopesIn({ scope, scp }: JWTPayload): readonly string[] {
  const granted = scope ?? scp;
  if (Array.isArray(granted)) return granted.filter((one) => typeof one === "string");
  return typeof granted === "string" ? granted.split(" ").filter((one) => one !== "") : [];
}

/** A token that says of nobody who they are. */
class NobodysToken extends Error {}

/** What a call is told. It names claims and no values: nobody learns from it what else a token might hold. */
function refusalOf(error: unknown): Error {
  if (error instanceof NobodysToken) return tokenRefused("does not say whose it is");
  if (error instanceof errors.JWTExpired) return tokenExpired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return tokenRefused(`has a claim ${quoted(error.claim)} that is missing or not accepted`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return tokenRefused("is signed by an algorithm that is not allowed");
  }
  if (error instanceof errors.JWKSNoMatchingKey)
    return tokenRefused("is signed with a key that is not known");
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return tokenRefused("has a signature that does not hold");
  }
  const isToken = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid;
  if (isToken || error instanceof errors.JOSENotSupported) return tokenRefused("is no signed JWT");
  return authenticationUnavailable(error);
}
