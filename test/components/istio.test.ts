import { Provider } from "@pulumi/kubernetes/provider.js";
import { Definitions } from "../../components/definitions.ts";
import { type IstioSpec, planIstio } from "../../components/istio-plan.ts";
import { Istio } from "../../components/istio.ts";
import { type Recorded, record } from "../lib/record.ts";
import { meshDefinitions } from "../lib/stacks.ts";

const spec: IstioSpec = {
  version: "1.2.3",
  image: "registry.example/pilot:1.2.3",
  replicas: 2,
  racks: false,
  live: true,
  clusterDomain: "cluster.local",
  imageSource: "registry",
  namespaces: ["edge"],
  definitions: meshDefinitions,
  sidecars: {
    image: "registry.example/proxy:1.2.3",
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
const id = ({ type, name }: Recorded) => `${type}::${name}`;

test("applies the plan's manifests, and nothing else", async () => {
  const { made } = await make();
  const plan = planIstio(spec);
  const placed = <T extends { metadata: object }>({ metadata, ...manifest }: T) => ({
    ...manifest,
    metadata: { ...metadata, namespace: "istio-system" },
  });
  const { metadata } = plan.serviceAccount;
  const subjects = [{ kind: "ServiceAccount", name: metadata.name, namespace: "istio-system" }];
  const roleRef = (kind: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name });
  const expected: Record<string, object> = {
    "mesh-namespace": { kind: "Namespace" },
    "mesh-service-account": placed(plan.serviceAccount),
    "mesh-cluster-role": { metadata, rules: plan.rights.cluster },
    "mesh-cluster-role-binding": { metadata, roleRef: roleRef("ClusterRole"), subjects },
    "mesh-role": placed({ metadata, rules: plan.rights.namespace }),
    "mesh-role-binding": placed({ metadata, roleRef: roleRef("Role"), subjects }),
    "mesh-mesh": placed(plan.configMap),
    "mesh-injector": placed(plan.injectorConfigMap),
    "mesh-disruption-budget": placed(plan.podDisruptionBudget),
    "mesh-deployment": placed(plan.deployment),
    "mesh-service": placed(plan.service),
    "mesh-gateway-class": { kind: "GatewayClass", ...plan.gatewayClass },
    "mesh-ingress-class": { kind: "IngressClass", ...plan.ingressClass },
    ...Object.fromEntries(
      [...plan.webhooks, ...plan.injectors].map(({ role, manifest }) => [`mesh-${role}`, manifest]),
    ),
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
  for (const { after } of later) expect(after).toContain("kubernetes:apps/v1:Deployment::mesh-deployment");
  expect(result.ready).toHaveLength(8);
});

test("on simulated nodes nobody is asked", async () => {
  const { made } = await make({ live: false });
  expect(made.some(({ type }) => type.endsWith("WebhookConfiguration"))).toBe(false);
});
