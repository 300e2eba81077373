/** An issuer of JSON Web Tokens (RFC 7519) of the tests' own. */
import { generateKeyPairSync, sign } from "node:crypto";

const audience = "enroll";

/** The claims of a token that is good, which a test may change. */
const claims = {
  iss: "https://login.example",
  sub: "client",
  aud: audience,
  exp: Math.floor(Date.now() / 1000) + 3600,
};

const pair = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
const [own, other] = [pair(), pair()];
const kid = "e2e";

/** What `quintet:ingress.jwt` is told of the issuer: its public key itself, and one path that needs no token. */
export const jwt = {
  issuer: claims.iss,
  audiences: [audience],
  jwks: { keys: [{ ...own.publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" }] },
  openPaths: ["/api/healthz"],
};

/** A token with other claims than a good one, or signed by somebody else under the issuer's name. */
export function token(more: object = {}, signer: "issuer" | "stranger" = "issuer"): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "RS256", typ: "JWT", kid })}.${part({ ...claims, ...more })}`;
  const { privateKey } = signer === "issuer" ? own : other;
  return `${signed}.${sign("sha256", Buffer.from(signed), privateKey).toString("base64url")}`;
}
