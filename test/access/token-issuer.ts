import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from "jose";

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "https://operations.example";
export const CLOUD_PLATFORM = "https://www.googleapis.com/auth/cloud-platform";

/** Claims of a token; undefined for one that it is to lack. */
type Claims = Readonly<Record<string, unknown>>;

/** Issues tokens, and tells by HTTP the key that it signs with now. */
export interface TokenIssuer extends AsyncDisposable {
  readonly url: URL;
  readonly jwks: JSONWebKeySet;
  /** How often its keys were asked for. */
  readonly asked: number;
  /**
   * A token of a subject, good for an hour and for every RPC unless claims say otherwise. It names its key, unless that
   * is given as undefined.
   */
  token(subject: string, claims?: Claims, kid?: string | undefined): Promise<string>;
  /** The head of a call that bears such a token. */
  bearer(subject: string, claims?: Claims): Promise<{ readonly authorization: string }>;
  /** Signs with a new key from now on, and forgets the old one. */
  rotate(): Promise<void>;
}

export async function openTokenIssuer(alg = "ES256"): Promise<TokenIssuer> {
  let asked = 0;
  let keys = await newKeys(alg);
  const server = createServer((_, response) => {
    asked++;
    response.setHeader("content-type", "application/json").end(JSON.stringify({ keys: [keys.jwk] }));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo;
  const token = (subject: string, claims: Claims = {}, ...named: [kid?: string | undefined]) => {
    const standard = { iss: ISSUER, aud: AUDIENCE, sub: subject, scope: CLOUD_PLATFORM };
    const exp = Math.floor(Date.now() / 1_000) + 3_600;
    const [kid] = named.length > 0 ? named : [keys.jwk.kid];
    return new SignJWT({ ...standard, exp, ...claims })
      .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
      .sign(keys.privateKey);
  };
  return {
    url: new URL(`http://127.0.0.1:${port}/keys`),
    get jwks() {
      return { keys: [keys.jwk] };
    },
    get asked() {
      return asked;
    },
    token,
    bearer: async (subject, claims) => ({ authorization: `Bearer ${await token(subject, claims)}` }),
    async rotate() {
      keys = await newKeys(alg);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function newKeys(alg: string) {
  const { publicKey, privateKey } = await generateKeyPair(alg);
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: crypto.randomUUID(), alg } };
}
