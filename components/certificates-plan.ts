/** Who signs the platform's certificates, and what a certificate asks for, as plain manifests: no Pulumi here. */
import { certManagerNamespace } from "./cert-manager-plan.ts";
import { directoryOf, type IssuerConfig } from "./certificates-schema.ts";

/** How a certificate names who signs it; a type and not an interface, so that Pulumi's inputs take it. */
export type IssuerRef = Readonly<{ group: "cert-manager.io"; kind: "ClusterIssuer" | "Issuer"; name: string }>;

/** A custom resource of cert-manager, with the end of its name in the program. */
export interface Signer {
  readonly role: string;
  readonly kind: "Issuer" | "ClusterIssuer" | "Certificate";
  readonly manifest: {
    readonly metadata: Readonly<{ name: string; namespace?: string; annotations?: Record<string, string> }>;
    readonly spec: object;
  };
}

/** The name of the issuer that the platform makes. */
const platformIssuer = "quintet";

const day = 24;

/**
 * How long each step of the internal chain lives and how long before its end it is made anew, in hours. Whatever is
 * signed ends before what has signed it: a step's renewal lies further from its end than the next step lives.
 */
export const chain = {
  root: { duration: 3650 * day, renewBefore: 730 * day },
  intermediate: { duration: 365 * day, renewBefore: 120 * day },
  longestLeaf: 90 * day,
} as const;

const hours = (count: number) => `${String(count)}h0m0s`; // as the API server writes it

/** `up` goes on once an object says that it is ready: where pods only seem to run, it never would. */
const whenReady = (live: boolean) => (live ? { annotations: { "pulumi.com/waitFor": "condition=Ready" } } : {});

/** The issuer that certificates name. */
export function issuerRefOf(issuer: IssuerConfig): IssuerRef {
  const name = issuer.kind === "existing" ? issuer.name : platformIssuer;
  return { group: "cert-manager.io", kind: "ClusterIssuer", name };
}

/**
 * What signs certificates, in the order in which one needs the other; nothing when it is there already.
 *
 * The internal chain has three steps. The root's key stays for its whole life, since clients are told to trust it. It
 * signs one intermediate CA, whose key is made anew each time and which no client has to know, and that signs the rest.
 *
 * @param live whether cert-manager really runs
 */
export function planSigners(issuer: IssuerConfig, live: boolean): Signer[] {
  switch (issuer.kind) {
    case "internal":
      return internalSigners(live);
    case "acme": {
      const { gateway } = issuer.solver;
      const solver = {
        http01: {
          gatewayHTTPRoute: {
            parentRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", ...gateway }],
          },
        },
      };
      const acme = {
        email: issuer.email,
        server: directoryOf(issuer.server),
        privateKeySecretRef: { name: "acme-account" },
        solvers: [solver],
      };
      return [clusterIssuer({ acme }, live)];
    }
    case "existing":
      return [];
  }
}

const clusterIssuer = (spec: object, live: boolean): Signer => ({
  role: "issuer",
  kind: "ClusterIssuer",
  manifest: { metadata: { name: platformIssuer, ...whenReady(live) }, spec },
});

function internalSigners(live: boolean): Signer[] {
  const meta = (name: string) => ({ name, namespace: certManagerNamespace, ...whenReady(live) });
  const by = (name: string): IssuerRef => ({ group: "cert-manager.io", kind: "Issuer", name });
  const authority = (
    name: "root" | "intermediate",
    issuerRef: IssuerRef,
    rotationPolicy: "Never" | "Always",
  ): Signer => ({
    role: `${name}-ca`,
    kind: "Certificate",
    manifest: {
      metadata: meta(name),
      spec: {
        isCA: true,
        commonName: `Quintet ${name} CA`,
        subject: { organizations: ["Quintet"] },
        secretName: `${name}-ca`,
        duration: hours(chain[name].duration),
        renewBefore: hours(chain[name].renewBefore),
        privateKey: { algorithm: "ECDSA", size: 384, rotationPolicy },
        usages: ["cert sign", "crl sign"],
        issuerRef,
        revisionHistoryLimit: 1,
      },
    },
  });
  return [
    { role: "self-signed", kind: "Issuer", manifest: { metadata: meta("self-signed"), spec: { selfSigned: {} } } },
    authority("root", by("self-signed"), "Never"),
    { role: "root", kind: "Issuer", manifest: { metadata: meta("root"), spec: { ca: { secretName: "root-ca" } } } },
    authority("intermediate", by("root"), "Always"),
    clusterIssuer({ ca: { secretName: "intermediate-ca" } }, live),
  ];
}

/** What a server's certificate is asked for with. */
export interface ServerCertificateSpec {
  /** The name of the Certificate, and of the Secret that it is kept in. */
  readonly name: string;
  /** The names that clients may call the server by; the first may not be a wildcard alone. */
  readonly dnsNames: readonly string[];
  readonly issuer: IssuerRef;
  /** How long it lives, where the issuer leaves that open. @default the issuer's own choice */
  readonly days?: number | undefined;
  /** Whether cert-manager really runs. */
  readonly live: boolean;
}

/** How long a certificate of the platform lives, where that is not the issuer's own choice. */
export const leafDaysOf = (issuer: IssuerConfig): number | undefined =>
  issuer.kind === "internal" ? issuer.leafDays : undefined;

/** The manifest of a server's certificate: a new key each time, and renewed after two thirds of its life. */
export function planServerCertificate({ name, dnsNames, issuer, days, live }: ServerCertificateSpec) {
  return {
    metadata: { name, ...whenReady(live) },
    spec: {
      secretName: name,
      dnsNames: [...dnsNames],
      issuerRef: issuer,
      ...(days === undefined ? {} : { duration: hours(days * day) }),
      renewBeforePercentage: 33,
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      usages: ["digital signature", "server auth"],
      revisionHistoryLimit: 2,
    },
  };
}
