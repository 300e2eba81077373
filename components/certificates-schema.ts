/** The configuration of certificates: who signs them. */
import { z } from "zod";
import { section } from "../problems.ts";
import { certManagerNamespace } from "./cert-manager-plan.ts";
import { type Contradiction, dnsLabel } from "./cluster/facts.ts";

const days = "must be a whole number of days from 1 to 90";
const replicas = "must be a whole number from 1 to 5";

/** The directories of Let's Encrypt, by the names that the configuration has for them. */
const letsEncrypt = {
  "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
  letsencrypt: "https://acme-v02.api.letsencrypt.org/directory",
} as const;

const isLetsEncrypt = (name: string): name is keyof typeof letsEncrypt => Object.hasOwn(letsEncrypt, name);

/** Signed by a CA of the platform's own, whose root clients have to be told to trust. */
const internal = section({
  kind: z.literal("internal"),
  /** How long a certificate lives; it is renewed after two thirds of that. */
  leafDays: z.int(days).min(1, days).max(90, days).default(30),
});

/** Signed by an ACME server (RFC 8555). */
const acme = section({
  kind: z.literal("acme"),
  /** Whom the server tells of what is wrong with the account. */
  email: z.email("must be an e-mail address like platform@example.com"),
  /** `letsencrypt`, whose limits a mistake uses up for a week, `letsencrypt-staging`, which nobody trusts, or a URL. */
  server: z
    .string()
    .refine(
      (name) => isLetsEncrypt(name) || /^https:\/\/[^\s/]+\/\S+$/.test(name),
      'must be "letsencrypt", "letsencrypt-staging" or the https URL of a directory',
    )
    .default("letsencrypt-staging"),
  /** How a name is proven to be ours. */
  solver: section({
    kind: z.literal("http01", 'expected "http01"'),
    /** The Gateway that answers for the names on port 80; certificates are made in its namespace. */
    gateway: section({ namespace: dnsLabel, name: dnsLabel }),
  }),
});

/** Signed by a ClusterIssuer that is there: of another stack on the same cluster, or of whoever runs cert-manager there. */
const existing = section({
  kind: z.literal("existing"),
  /** The name of the ClusterIssuer. */
  name: dnsLabel,
});

/** The configuration of certificates. */
export const certificatesSchema = section({
  /** How many pods each part of cert-manager has; one of them works, but for the webhook, where all do. */
  replicas: z.int(replicas).min(1, replicas).max(5, replicas).default(2),
  issuer: z
    .discriminatedUnion(
      "kind",
      [internal, acme, existing],
      'expected an object with kind "internal", "acme" or "existing"',
    )
    .prefault({ kind: "internal" }),
}).prefault({});

/** The configuration of certificates, checked. */
export type CertificatesConfig = z.infer<typeof certificatesSchema>;

/** Who signs certificates. */
export type IssuerConfig = CertificatesConfig["issuer"];

/** The URL of an ACME directory by its name in the configuration. */
export const directoryOf = (server: string): string => (isLetsEncrypt(server) ? letsEncrypt[server] : server);

/**
 * What of the certificates cannot be had in an environment on a cluster, by its path under `quintet:`.
 *
 * @param around what else is configured, with the namespaces that the platform and its tenants have
 */
export function certificatesProblems(
  { issuer }: Pick<CertificatesConfig, "issuer">,
  around: {
    readonly environment: string;
    readonly cluster: string;
    readonly backend: { readonly namespace: string };
    readonly namespaces: readonly string[];
  },
): Contradiction[] {
  const found: Contradiction[] = [];
  const refuse = (path: string[], problem: string) => found.push([path, problem]);
  if (issuer.kind !== "existing" && around.backend.namespace === certManagerNamespace) {
    refuse(["backend", "namespace"], "is the namespace of cert-manager: give the backend one of its own");
  }
  if (issuer.kind !== "acme") return found;
  const path = ["certificates", "issuer"];
  if (around.cluster === "embedded") {
    refuse(
      [...path, "kind"],
      "is acme, but nothing on an embedded cluster reaches an ACME server, nor does one reach it: say internal",
    );
  }
  if (around.environment === "prod" && issuer.server === "letsencrypt-staging") {
    refuse(
      [...path, "server"],
      "is letsencrypt-staging, whose certificates no client trusts, and this is prod: say letsencrypt",
    );
  }
  const { namespace } = issuer.solver.gateway;
  if (!around.namespaces.includes(namespace)) {
    refuse(
      [...path, "solver", "gateway", "namespace"],
      `there is no namespace ${namespace}, the namespaces are ${around.namespaces.join(", ")}`,
    );
  }
  return found;
}
