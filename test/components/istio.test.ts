import assert from "node:assert/strict";
import { Provider } from "@pulumi/kubernetes/provider.js";
import { Definitions } from "../../components/definitions.ts";
import { type IstioSpec, planIstio } from "../../components/istio-plan.ts";
import { Istio } from "../../components/istio.ts";
import { type Recorded, record } from "../lib/record.ts";
import { meshDefinitions } from "../lib/stacks.ts";

const spec: IstioSpec = {
  revisions: [
    { name: "1-2-3", images: { pilot: "registry.example/pilot:1.2.3", proxy: "registry.example/proxy:1.2.3" } },
  ],
  current: "1-2-3",
  replicas: { min: 2, max: 5 },
  racks: false,
  live: true,
  clusterDomain: "cluster.local",
  imageSource: "registry",
  namespaces: ["edge"],
  definitions: meshDefinitions,
  sidecars: {
    guaranteed: { cpu: "200m", memory: "100Mi" },
    burstable: { requests: { cpu: "20m", memory: "50Mi" }, limits: { cpu: "1", memory: "200Mi" } },
  },
  ingressGateway: "edge",
};
const around = { owner: "acme/quintet/dev", kubernetesMinor: "1.36", policies: [] };
const make = async (more: Partial<IstioSpec> = {}) => {
  const { resources, result } = await record(() => {
    const options = { provider: new Provider("target", {}) };
    const { served } = new Definitions("kinds", { definitions: { certManager: [], mesh: meshDefinitions } }, options);
    return new Istio("mesh", { ...spec, ...around, after: served.mesh, ...more }, options);
  });
  const made = resources.filter(({ custom, type }) => custom && type.startsWith("kubernetes:"));
  return { made, result };
};
const webhooksOf = (owner: string, { validators, injectors }: ReturnType<typeof planIstio>["webhooks"]) =>
  Object.fromEntries([...validators, ...injectors].map(({ role, manifest }) => [`${owner}-${role}`, manifest]));
const id = ({ type, name }: Recorded) => `${type}::${name}`;

test("applies the plan's manifests, and nothing else", async () => {
  const { made } = await make();
  const shared = planIstio(spec);
  const [plan = assert.fail()] = shared.revisions;
  const placed = <T extends { metadata: object }>({ metadata, ...manifest }: T) => ({
    ...manifest,
    metadata: { ...metadata, namespace: "istio-system" },
  });
  const { metadata } = plan.serviceAccount;
  const subjects = [{ kind: "ServiceAccount", name: metadata.name, namespace: "istio-system" }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name });
  const expected: Record<string, object> = {
    "mesh-namespace": { kind: "Namespace" },
    "mesh-1-2-3-service-account": placed(plan.serviceAccount),
    "mesh-1-2-3-cluster-role": { metadata, rules: plan.rights.cluster },
    "mesh-1-2-3-cluster-role-binding": { metadata, roleRef: roleRef("ClusterRole"), subjects },
    "mesh-1-2-3-role": placed({ metadata, rules: plan.rights.namespace }),
    "mesh-1-2-3-role-binding": placed({ metadata, roleRef: roleRef("Role"), subjects }),
    "mesh-1-2-3-mesh": placed(plan.configMap),
    "mesh-1-2-3-injector-files": placed(plan.injectorConfigMap),
    "mesh-1-2-3-disruption-budget": placed(plan.podDisruptionBudget),
    "mesh-1-2-3-deployment": placed(plan.deployment),
    "mesh-1-2-3-autoscaler": placed(plan.horizontalPodAutoscaler ?? assert.fail()),
    "mesh-1-2-3-service": placed(plan.service),
    "mesh-gateway-class": { kind: "GatewayClass", ...shared.gatewayClass },
    "mesh-ingress-class": { kind: "IngressClass", ...shared.ingressClass },
    ...webhooksOf("mesh-1-2-3", plan.webhooks),
    ...webhooksOf("mesh", shared.webhooks),
  };
  const own = made.filter(({ name }) => !name.startsWith("kinds-"));
  expect(own.map(({ name }) => name).sort()).toEqual(Object.keys(expected).sort());
  for (const { name, inputs } of own) expect(inputs).toMatchObject(expected[name] ?? {});
  expect(new Set(made.map(({ provider }) => provider))).toEqual(new Set(["pulumi:providers:kubernetes::target"]));
});

test("istiod comes after its kinds and its rights, and what makes the API server ask it after istiod", async () => {
  const { made, result } = await make();
  const deployment = made.find(({ type }) => type.endsWith(":Deployment"));
  const earlier = made.filter(({ type }) =>
    /:(CustomResourceDefinition|ServiceAccount|ConfigMap|ClusterRole|ClusterRoleBinding|Role|RoleBinding)$/.test(type),
  );
  expect(deployment?.after).toEqual(expect.arrayContaining(earlier.map(id)));
  const later = made.filter(({ type }) =>
    /:((Validating|Mutating)WebhookConfiguration|GatewayClass|IngressClass)$/.test(type),
  );
  expect(later).toHaveLength(6);
  for (const { after } of later) expect(after).toContain("kubernetes:apps/v1:Deployment::mesh-1-2-3-deployment");
  expect(result.ready).toHaveLength(8);
});

test("on simulated nodes nobody is asked", async () => {
  const { made } = await make({ live: false });
  expect(made.some(({ type }) => type.endsWith("WebhookConfiguration"))).toBe(false);
});
