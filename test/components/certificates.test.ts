import { Provider } from "@pulumi/kubernetes/provider.js";
import { Definitions } from "../../components/definitions.ts";
import { planCertManager } from "../../components/cert-manager-plan.ts";
import { Certificates, type CertificatesArgs } from "../../components/certificates.ts";
import { planSigners } from "../../components/certificates-plan.ts";
import { type Recorded, record } from "../lib/record.ts";
import { definitions } from "../lib/stacks.ts";

const args: Omit<CertificatesArgs, "definitions"> = {
  images: {
    controller: "registry.example/controller:1",
    webhook: "registry.example/webhook:1",
    cainjector: "registry.example/cainjector:1",
    acmesolver: "registry.example/acmesolver:1",
  },
  issuer: { kind: "internal", leafDays: 30 },
  replicas: 2,
  racks: false,
  live: true,
  owner: "acme/quintet/dev",
  kubernetesMinor: "1.36",
  policies: [],
};

const make = async (more: Partial<CertificatesArgs> = {}, cluster = false) => {
  const { resources, result } = await record(() => {
    const provider = new Provider("target", {});
    const options = cluster ? { provider, deletedWith: provider } : { provider };
    const { served } = new Definitions("kinds", { definitions: { certManager: definitions, mesh: [] } }, options);
    return new Certificates("certificates", { ...args, definitions: served.certManager, ...more }, options);
  });
  return { made: resources.filter(({ type }) => type.startsWith("kubernetes:")), issuing: result.issuing };
};

const short = ({ type, name }: Recorded) => `${type.replace(/^kubernetes:(.*\/)?v1:/, "")} ${name}`;
const id = ({ type, name }: Recorded) => `${type}::${name}`;

/** Whatever comes after a resource, at once or by others: what is taken down before it. */
function after(resources: readonly Recorded[], wanted: (one: Recorded) => boolean): Set<string> {
  const found = new Set(resources.filter(wanted).map(id));
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const one of resources) if (one.after.some((earlier) => found.has(earlier))) found.add(id(one));
  }
  return found;
}

test("comes after its kinds, and makes the namespace, each part of cert-manager, the webhook and the signers", async () => {
  const { made } = await make();
  const part = (name: string) => [
    `ClusterRole certificates-cert-manager-${name}-cluster-role`,
    `ClusterRoleBinding certificates-cert-manager-${name}-cluster-role-binding`,
    `ConfigMap certificates-cert-manager-${name}-configuration`,
    `Deployment certificates-cert-manager-${name}-deployment`,
    `PodDisruptionBudget certificates-cert-manager-${name}-disruption-budget`,
    `Role certificates-cert-manager-${name}-role`,
    `RoleBinding certificates-cert-manager-${name}-role-binding`,
    `ServiceAccount certificates-cert-manager-${name}-service-account`,
  ];
  expect(made.map(short).sort()).toEqual(
    [
      "Namespace certificates-cert-manager-namespace",
      ...definitions.map(({ metadata }) => `CustomResourceDefinition kinds-${metadata.name}`),
      ...["controller", "webhook", "cainjector"].flatMap(part),
      "ClusterRole certificates-cert-manager-viewer",
      "Service certificates-cert-manager-webhook-service",
      "ValidatingWebhookConfiguration certificates-cert-manager-validating",
      "MutatingWebhookConfiguration certificates-cert-manager-mutating",
      "Issuer certificates-self-signed",
      "Certificate certificates-root-ca",
      "Issuer certificates-root",
      "Certificate certificates-intermediate-ca",
      "ClusterIssuer certificates-issuer",
    ].sort(),
  );
  expect(new Set(made.map(({ provider }) => provider))).toEqual(new Set(["pulumi:providers:kubernetes::target"]));
});

test("applies the plans' manifests, in cert-manager's namespace", async () => {
  const { made } = await make();
  const inputs = (name: string) => made.find((one) => one.name === name)?.inputs;
  const placed = ({ metadata, ...manifest }: { metadata: object }) => ({
    metadata: { ...metadata, namespace: "cert-manager" },
    ...manifest,
  });
  const own = "certificates-cert-manager";
  const plan = planCertManager(args);
  for (const { part, deployment, configMap, podDisruptionBudget, serviceAccount, rights } of plan.parts) {
    expect(inputs(`${own}-${part}-deployment`)).toMatchObject(placed(deployment));
    expect(inputs(`${own}-${part}-configuration`)).toMatchObject(placed(configMap));
    expect(inputs(`${own}-${part}-disruption-budget`)).toMatchObject(placed(podDisruptionBudget));
    expect(inputs(`${own}-${part}-service-account`)).toMatchObject(placed(serviceAccount));
    const { name } = serviceAccount.metadata;
    expect(inputs(`${own}-${part}-cluster-role`)?.["rules"]).toEqual(rights.cluster);
    expect(inputs(`${own}-${part}-role`)?.["rules"]).toEqual(rights.namespace);
    for (const [binding, kind] of [
      ["cluster-role-binding", "ClusterRole"],
      ["role-binding", "Role"],
    ] as const) {
      expect(inputs(`${own}-${part}-${binding}`)).toMatchObject({
        roleRef: { kind, name },
        subjects: [{ kind: "ServiceAccount", name, namespace: "cert-manager" }],
      });
    }
  }
  expect(inputs(`${own}-webhook-service`)).toMatchObject(placed(plan.webhookService));
  expect(inputs(`${own}-validating`)).toMatchObject(plan.webhooks?.validating ?? {});
  expect(inputs(`${own}-mutating`)).toMatchObject(plan.webhooks?.mutating ?? {});
  expect(inputs(`${own}-viewer`)).toMatchObject(plan.viewerRole);
  for (const { role, kind, manifest } of planSigners(args.issuer, true)) {
    expect(inputs(`certificates-${role}`)).toMatchObject({ apiVersion: "cert-manager.io/v1", kind, ...manifest });
  }
});

test("is taken down from the signers over the webhook and the programs to the kinds, and each step waits", async () => {
  const { made } = await make();
  const signers = made.filter(({ type }) => type.startsWith("kubernetes:cert-manager.io/"));
  const webhooks = made.filter(({ type }) => type.endsWith("WebhookConfiguration"));
  const programs = made.filter(({ type }) => type.endsWith(":Deployment"));
  expect([signers.length, webhooks.length, programs.length]).toEqual([5, 2, 3]);
  const steps = [
    [made.filter(({ type }) => /:(CustomResourceDefinition|ClusterRole|Role|ConfigMap)$/.test(type)), programs],
    [programs, webhooks],
    [webhooks, signers],
  ] as const;
  for (const [earlier, later] of steps) {
    for (const one of earlier) {
      if (one.name.endsWith("-viewer")) continue; // people's, and nobody here needs it
      const own = /-(controller|webhook|cainjector)-/.exec(one.name)?.[1];
      const wanted = later.filter(({ name }) => earlier === programs || own === undefined || name.includes(own));
      expect([...after(made, (other) => other === one)]).toEqual(expect.arrayContaining(wanted.map(id)));
    }
  }
  // Of one that goes with its namespace nobody would wait until its controller has let go of it.
  expect(signers.map(({ deletedWith }) => deletedWith)).toEqual(Array(5).fill(undefined));
});

test("each signer comes after the one that it needs", async () => {
  const { made } = await make();
  const first = (name: string) => made.find((one) => one.name === `certificates-${name}`)?.after;
  const api = "kubernetes:cert-manager.io/v1";
  expect(first("root-ca")).toContain(`${api}:Issuer::certificates-self-signed`);
  expect(first("root")).toContain(`${api}:Certificate::certificates-root-ca`);
  expect(first("intermediate-ca")).toContain(`${api}:Issuer::certificates-root`);
  expect(first("issuer")).toContain(`${api}:Certificate::certificates-intermediate-ca`);
});

test("goes with the cluster when that is made here, and what is inside the namespace with it", async () => {
  const { made } = await make({}, true);
  const withNamespace = made.filter(({ deletedWith }) => deletedWith?.includes("core/v1:Namespace") === true);
  expect(withNamespace.length).toBeGreaterThan(0);
  expect(withNamespace.every(({ inputs }) => JSON.stringify(inputs).includes('"namespace":"cert-manager"'))).toBe(true);
  expect(made.filter(({ deletedWith }) => deletedWith === undefined)).toEqual([]);
});

test("on simulated nodes nothing waits for an answer", async () => {
  const { made, issuing } = await make({ live: false });
  expect(made.some(({ type }) => type.endsWith("WebhookConfiguration"))).toBe(false);
  expect(JSON.stringify(made.filter(({ type }) => type.includes("cert-manager.io")))).not.toContain("waitFor");
  expect(issuing.live).toBe(false);
});

test("of an issuer that is there, nothing is made and all is known", async () => {
  const { made, issuing } = await make({ issuer: { kind: "existing", name: "corporate" } });
  expect(made.filter(({ type }) => !type.endsWith(":CustomResourceDefinition"))).toEqual([]);
  expect(issuing).toEqual({
    issuer: { group: "cert-manager.io", kind: "ClusterIssuer", name: "corporate" },
    days: undefined,
    live: true,
    ready: [],
  });
});
