/** The configuration of tokens: whose JSON Web Tokens (RFC 7519) open the public API. */
import { createPublicKey, type JsonWebKey } from "node:crypto";
import { z } from "zod";
import { section } from "../problems.ts";
import { type Contradiction, network } from "./cluster/facts.ts";
import { lookups } from "./cluster/half.ts";
import type { Half } from "./connectivity-graph.ts";
import { istiodRef } from "./istio-names.ts";
import { type InsideFacts, insideProblems, outsidePeer } from "./outside.ts";

/** Members that only whoever signs may know: the private parts of RFC 7518, and a secret that both sides share. */
const privateMembers = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/** The least size of an RSA key (RFC 7518, section 3.3). */
const rsaBits = 2048;

/** One public key (RFC 7517). */
const jwk = z.looseObject({ kty: z.string() }).superRefine((key, context) => {
  const found = privateMembers.filter((member) => Object.hasOwn(key, member));
  if (found.length > 0) {
    context.addIssue({
      code: "custom",
      message: `has ${found.join(", ")}, which only whoever signs may know: publish the public part, and take a new key, this one is no secret any more`,
    });
    return;
  }
  const problem = keyProblem(key);
  if (problem !== undefined) context.addIssue({ code: "custom", message: problem });
});

/** The curves that Envoy knows, by OpenSSL's names. */
const curves = ["prime256v1", "secp384r1", "secp521r1"];

function keyProblem(key: JsonWebKey): string | undefined {
  try {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey({ key, format: "jwk" });
    const bits = details?.modulusLength ?? 0;
    if (type === "rsa") {
      return bits >= rsaBits
        ? undefined
        : `is an RSA key of ${String(bits)} bits, which can be broken: it must have at least ${String(rsaBits)}`;
    }
    return type === "ed25519" || (type === "ec" && curves.includes(details?.namedCurve ?? ""))
      ? undefined
      : "is of a kind that Envoy does not know: take RSA, EC on P-256, P-384 or P-521, or Ed25519";
  } catch {
    return "is no public key as RFC 7517 writes one";
  }
}

/** A set of public keys, as the issuer publishes it (RFC 7517, section 5). */
const jwks = z.looseObject({ keys: z.array(jwk).min(1, "has no key, so no token would be valid") });

const httpsUrl = z.url({
  protocol: /^https$/,
  error: "must be an https URL like https://login.example/keys: whoever answers it decides which tokens are valid",
});

/** A path as clients write it; nothing in it means more than itself. */
const openPath = z
  .string()
  .regex(/^\//, "must start with /")
  .regex(/^[^?#*{}%\s]*$/, "must be one path as it is, without a query, a wildcard, an escape or a space");

/** Where a token stands in a request. */
const header = section({
  name: z.string().regex(/^[A-Za-z0-9-]+$/, "must be the name of a header like Authorization"),
  /** What stands before the token, with its space. */
  prefix: z.string().default(""),
});

/** Whose tokens open the public API. */
export const jwtSchema = section({
  /** Who signs the tokens, exactly as their claim `iss` has it. */
  issuer: z.string().min(1, "must not be empty"),
  /** Whom tokens are for: one of these has to stand in their claim `aud`. */
  audiences: z
    .array(z.string().min(1, "must not be empty"))
    .min(1, "names nobody: a token that the issuer gave out for another service would be valid here, too"),
  /** The issuer's public keys themselves, which needs no way to it. */
  jwks: jwks.optional(),
  /** Where the issuer publishes them; istiod asks, and its image has to trust who answers. */
  jwksUri: httpsUrl.optional(),
  /** The networks of whoever answers `jwksUri`, which istiod is let out to. */
  jwksNetworks: z.array(network).min(1, "names no network, name one or leave the key out").optional(),
  /** Where requests have their token. */
  headers: z
    .array(header)
    .min(1, "names no header, name one or leave the key out")
    .default([{ name: "Authorization", prefix: "Bearer " }]),
  /** The paths that need no token, each as clients write it. */
  openPaths: z.array(openPath).default([]),
}).superRefine(({ jwks: keys, jwksUri, jwksNetworks }, context) => {
  const refuse = (path: string[], message: string) => {
    context.addIssue({ code: "custom", path, message });
  };
  if (keys === undefined && jwksUri === undefined) {
    refuse([], "says not by which keys tokens are valid: give jwks, or jwksUri with jwksNetworks");
  }
  if (keys !== undefined && jwksUri !== undefined)
    refuse(["jwksUri"], "is one way to the keys, and jwks another: give one");
  if (jwksUri !== undefined && jwksNetworks === undefined) {
    refuse(["jwksNetworks"], "is missing, and istiod calls nobody outside the cluster: name the networks of jwksUri");
  }
  if (jwksUri === undefined && jwksNetworks !== undefined) {
    refuse(["jwksNetworks"], "is for jwksUri, which is not there: leave it out");
  }
});

/** Whose tokens open the public API, checked. */
export type JwtConfig = z.infer<typeof jwtSchema>;

/** What tokens are held against. */
interface Around {
  /** The kind of the cluster. */
  readonly cluster: string;
  readonly facts: InsideFacts;
}

/** What of the ingress' tokens cannot be had, by its path under `quintet:`. */
export function jwtProblems(
  { jwt, path, classic }: { readonly jwt?: JwtConfig | undefined; readonly path: string; readonly classic: boolean },
  { cluster, facts }: Around,
): Contradiction[] {
  if (jwt === undefined) return [];
  const { jwksUri, jwksNetworks = [], openPaths } = jwt;
  const found: Contradiction[] = [];
  const add = (at: (string | number)[], problem: string) => found.push([["ingress", ...at], problem]);
  if (classic) {
    add(
      ["classic"],
      "is on, and a classic Ingress answers over plain HTTP, where jwt asks nobody: leave one of them out",
    );
  }
  if (jwksUri !== undefined && cluster === "embedded") {
    add(["jwt", "jwksUri"], "cannot be asked, since nothing on an embedded cluster reaches the outside: give jwks");
  }
  openPaths.forEach((open, index) => {
    if (path !== "/" && open !== path && !open.startsWith(`${path}/`)) {
      add(
        ["jwt", "openPaths", index],
        `${open} is not below quintet:ingress.path ${path}, so nobody answers there: write it as clients do, ${path}${open}`,
      );
    }
  });
  for (const [index, problem] of insideProblems(jwksNetworks, facts)) add(["jwt", "jwksNetworks", index], problem);
  return found;
}

/** What tokens add to the connectivity graph: istiod's way to the issuer's keys. */
export function jwtHalf({ jwksUri, jwksNetworks = [] }: JwtConfig, facts: Around["facts"]): Half {
  if (jwksUri === undefined) return { of: "jwt" };
  const port = Number(new URL(jwksUri).port || 443);
  const why = "it asks for the keys by which tokens are valid";
  return {
    of: "jwt",
    peers: { "jwks-server": outsidePeer(jwksNetworks, { https: { port } }, facts) },
    edges: [
      { from: istiodRef, to: "jwks-server", port: "https", why },
      ...lookups(istiodRef, "that server is resolved"),
    ],
  };
}
