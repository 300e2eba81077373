import fc from "fast-check";
import {
  chain,
  issuerRefOf,
  leafDaysOf,
  planServerCertificate,
  planSigners,
  type Signer,
} from "../../components/certificates-plan.ts";
import { certificatesSchema, type IssuerConfig } from "../../components/certificates-schema.ts";

const internal: IssuerConfig = { kind: "internal", leafDays: 30 };
const acme: IssuerConfig = {
  kind: "acme",
  email: "platform@example.com",
  server: "letsencrypt",
  solver: { kind: "http01", gateway: { namespace: "edge", name: "public" } },
};
const existing: IssuerConfig = { kind: "existing", name: "corporate" };

const of = (signers: readonly Signer[], role: string) => signers.find((one) => one.role === role)?.manifest;
const hoursOf = (text: unknown) => Number(/^(\d+)h0m0s$/.exec(String(text))?.[1]);

describe("the internal chain", () => {
  const signers = planSigners(internal, true);

  test("each step is made after what signs it, in cert-manager's own namespace but for the issuer of all", () => {
    expect(signers.map(({ role, kind, manifest: { metadata } }) => [role, kind, metadata.namespace])).toEqual([
      ["self-signed", "Issuer", "cert-manager"],
      ["root-ca", "Certificate", "cert-manager"],
      ["root", "Issuer", "cert-manager"],
      ["intermediate-ca", "Certificate", "cert-manager"],
      ["issuer", "ClusterIssuer", undefined],
    ]);
  });

  test("signs root, intermediate and the rest, each by the one before it", () => {
    expect(of(signers, "self-signed")?.spec).toEqual({ selfSigned: {} });
    expect(of(signers, "root-ca")?.spec).toMatchObject({
      isCA: true,
      secretName: "root-ca",
      issuerRef: { kind: "Issuer", name: "self-signed" },
    });
    expect(of(signers, "root")?.spec).toEqual({ ca: { secretName: "root-ca" } });
    expect(of(signers, "intermediate-ca")?.spec).toMatchObject({
      isCA: true,
      secretName: "intermediate-ca",
      issuerRef: { kind: "Issuer", name: "root" },
    });
    expect(of(signers, "issuer")?.spec).toEqual({ ca: { secretName: "intermediate-ca" } });
  });

  test("keeps the root's key, which clients are told to trust, and no other", () => {
    const keys = ["root-ca", "intermediate-ca"].map((role) => of(signers, role)?.spec);
    expect(keys).toMatchObject([
      { privateKey: { algorithm: "ECDSA", size: 384, rotationPolicy: "Never" } },
      { privateKey: { algorithm: "ECDSA", size: 384, rotationPolicy: "Always" } },
    ]);
  });

  test("waits for every step, and for none where nothing runs", () => {
    const waits = (live: boolean) =>
      planSigners(internal, live).map(({ manifest }) => manifest.metadata.annotations?.["pulumi.com/waitFor"]);
    expect(waits(true)).toEqual(Array(5).fill("condition=Ready"));
    expect(waits(false)).toEqual(Array(5).fill(undefined));
  });

  test("whatever is signed ends before what has signed it, whenever it is signed", () => {
    const lives = ["root-ca", "intermediate-ca"].map((role) => {
      const { duration, renewBefore } = of(signers, role)?.spec as Record<string, unknown>;
      return { duration: hoursOf(duration), renewBefore: hoursOf(renewBefore) };
    });
    expect(lives).toEqual([chain.root, chain.intermediate]);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.integer({ min: 1, max: 90 }), (ofRoot, ofIntermediate, leafDays) => {
        /** A moment before a step is made anew, in hours after it was made. */
        const signed = (step: { duration: number; renewBefore: number }, part: number) =>
          part * (step.duration - step.renewBefore);
        const intermediateEnds = signed(chain.root, ofRoot) + chain.intermediate.duration;
        expect(intermediateEnds).toBeLessThanOrEqual(chain.root.duration);
        expect(signed(chain.intermediate, ofIntermediate) + leafDays * 24).toBeLessThanOrEqual(
          chain.intermediate.duration,
        );
      }),
    );
  });

  test("has no longer leaf than the configuration allows", () => {
    const allowed = (leafDays: number) =>
      certificatesSchema.safeParse({ issuer: { kind: "internal", leafDays } }).success;
    expect([allowed(chain.longestLeaf / 24), allowed(chain.longestLeaf / 24 + 1)]).toEqual([true, false]);
  });
});

test("ACME is one issuer, with an account of the platform's and the Gateway that answers", () => {
  expect(planSigners(acme, true)).toEqual([
    {
      role: "issuer",
      kind: "ClusterIssuer",
      manifest: {
        metadata: { name: "quintet", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
        spec: {
          acme: {
            email: "platform@example.com",
            server: "https://acme-v02.api.letsencrypt.org/directory",
            privateKeySecretRef: { name: "acme-account" },
            solvers: [
              {
                http01: {
                  gatewayHTTPRoute: {
                    parentRefs: [
                      { group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "edge", name: "public" },
                    ],
                  },
                },
              },
            ],
          },
        },
      },
    },
  ]);
});

test.each([
  ["letsencrypt", "https://acme-v02.api.letsencrypt.org/directory"],
  ["letsencrypt-staging", "https://acme-staging-v02.api.letsencrypt.org/directory"],
  ["https://acme.example.com/directory", "https://acme.example.com/directory"],
])("the ACME server %s is %s", (server, url) => {
  expect(planSigners({ ...acme, server }, true)[0]?.manifest.spec).toMatchObject({ acme: { server: url } });
});

test("an issuer that is there is named, and nothing is made", () => {
  expect(planSigners(existing, true)).toEqual([]);
  expect(issuerRefOf(existing)).toEqual({ group: "cert-manager.io", kind: "ClusterIssuer", name: "corporate" });
});

test.each([[internal], [acme]])("what is made is named: %j", (issuer) => {
  const { kind, name } = issuerRefOf(issuer);
  const made = planSigners(issuer, true).at(-1);
  expect([made?.kind, made?.manifest.metadata.name]).toEqual([kind, name]);
});

describe("a server's certificate", () => {
  const plan = planServerCertificate({
    name: "public",
    dnsNames: ["shop.example.com", "*.shop.example.com"],
    issuer: issuerRefOf(internal),
    days: leafDaysOf(internal),
    live: true,
  });

  test("is a new ECDSA key each time, for a server alone, renewed after two thirds of its life", () => {
    expect(plan).toEqual({
      metadata: { name: "public", annotations: { "pulumi.com/waitFor": "condition=Ready" } },
      spec: {
        secretName: "public",
        dnsNames: ["shop.example.com", "*.shop.example.com"],
        issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "quintet" },
        duration: "720h0m0s",
        renewBeforePercentage: 33,
        privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
        usages: ["digital signature", "server auth"],
        revisionHistoryLimit: 2,
      },
    });
  });

  test.each([[acme], [existing]])("lives as long as its issuer has it where that decides: %j", (issuer) => {
    const { spec } = planServerCertificate({
      name: "public",
      dnsNames: ["shop.example.com"],
      issuer: issuerRefOf(issuer),
      days: leafDaysOf(issuer),
      live: true,
    });
    expect(spec).not.toHaveProperty("duration");
  });
});
