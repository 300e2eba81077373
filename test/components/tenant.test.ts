import { Provider } from "@pulumi/kubernetes/provider.js";
import * as pulumi from "@pulumi/pulumi";
import { clusterHalf } from "../../components/cluster/half.ts";
import { graphOf } from "../../components/connectivity-graph.ts";
import { planPolicies } from "../../components/connectivity-policies.ts";
import { Tenant } from "../../components/tenant.ts";
import { planTenants } from "../../components/tenant-plan.ts";
import { tenantHalf } from "../../components/tenant-half.ts";
import { tenantsSchema } from "../../components/tenant-schema.ts";
import { record, secret, valueOf } from "../lib/record.ts";
import { foreignDns } from "../lib/stacks.ts";

const tenants = tenantsSchema.parse({
  shop: {
    namespaces: { web: {} },
    quota: { requests: { cpu: "2", memory: "4Gi" }, limits: { cpu: "4", memory: "8Gi" } },
    groups: { view: ["staff"], edit: ["developers"], admin: ["leads"] },
    network: { allow: [{ tenant: "shop" }] },
  },
});
const around = {
  facts: { enforcesNetworkPolicy: true, podCidr: "10.42.0.0/16", serviceCidr: "10.43.0.0/16", nodes: [] },
  pullSecrets: { "ghcr.io": { tenants: ["shop"], namespaces: [] } },
  platformNamespaces: [],
};
const [plan] = planTenants(tenants, around);
const policies = planPolicies(
  graphOf(around.facts, [clusterHalf(around.facts), foreignDns, tenantHalf(tenants, around)]),
);
const [web] = plan?.namespaces ?? [];
if (plan === undefined || web === undefined) throw new Error("There is no plan.");

const credentials = { "ghcr.io": { username: "robot", password: "open sesame" } };
const args = { plan, owner: "organization/quintet/test", kubernetesMinor: "1.36", credentials, policies };
const run = (options: pulumi.ComponentResourceOptions = {}) =>
  record(() => new Tenant("shop", args, { provider: new Provider("target", {}), ...options }));

const binding = (role: string) => web.roleBindings.find((one) => one.role === role)?.manifest;

test("makes one namespace, and in it exactly what the plan says", async () => {
  const { resources, result } = await run();
  const placed = ({ metadata, ...rest }: { metadata?: object } = {}) => ({
    ...rest,
    metadata: { ...metadata, namespace: "shop-web" },
  });
  const made = resources.filter(({ name, custom }) => custom && name.startsWith("shop-web-"));
  const inside = made.filter(({ name }) => name !== "shop-web-namespace");
  expect(inside.map(({ type, name, inputs }) => [type.replace("kubernetes:", ""), name, inputs]).sort()).toEqual(
    (
      [
        ["core/v1", "LimitRange", "limits", web.limitRange],
        ["core/v1", "ResourceQuota", "quota", web.resourceQuota],
        [
          "core/v1",
          "Secret",
          "pull-secret",
          { metadata: { name: "registry-credentials" }, type: "kubernetes.io/dockerconfigjson", data: secret },
        ],
        ["core/v1", "ServiceAccountPatch", "service-account", web.serviceAccount],
        [
          "networking.k8s.io/v1",
          "NetworkPolicy",
          "connectivity-default",
          { metadata: { name: "default" }, spec: policies[0]?.spec },
        ],
        ["rbac.authorization.k8s.io/v1", "RoleBinding", "admin", binding("admin")],
        ["rbac.authorization.k8s.io/v1", "RoleBinding", "edit", binding("edit")],
        ["rbac.authorization.k8s.io/v1", "RoleBinding", "view", binding("view")],
      ] as const
    ).map(([group, kind, role, manifest]) => [
      `${group}:${kind}`,
      `shop-web-${role}`,
      { apiVersion: group.replace("core/", ""), kind: kind.replace("Patch", ""), ...placed(manifest) },
    ]),
  );
  expect(made.find(({ name }) => name === "shop-web-namespace")?.inputs).toMatchObject({
    metadata: {
      name: "shop-web",
      labels: { "quintet.dev/tenant": "shop", "pod-security.kubernetes.io/enforce": "restricted" },
    },
  });
  expect(made.map(({ provider }) => provider)).toEqual(made.map(() => "pulumi:providers:kubernetes::target"));
  expect(await valueOf(result.namespaces)).toEqual(["shop-web"]);
});

test("what is in a namespace comes after it and goes with it, and the namespace goes with the cluster", async () => {
  const { resources } = await record(() => {
    const cluster = new Provider("cluster", {});
    new Tenant("shop", args, { provider: cluster, deletedWith: cluster });
  });
  const namespace = "kubernetes:core/v1:Namespace::shop-web-namespace";
  for (const { name, custom, after, deletedWith } of resources) {
    if (!custom || !name.startsWith("shop-web-")) continue;
    const isNamespace = name === "shop-web-namespace";
    expect([name, deletedWith]).toEqual([name, isNamespace ? "pulumi:providers:kubernetes::cluster" : namespace]);
    if (!isNamespace) expect(after).toContain(namespace);
  }
});

test("a namespace that gets no login has no Secret", async () => {
  const bare = { ...plan, namespaces: [{ ...web, registries: [] }] };
  const { resources } = await record(() => new Tenant("shop", { ...args, plan: bare }));
  expect(resources.filter(({ type }) => type === "kubernetes:core/v1:Secret")).toEqual([]);
});

test("the Secret holds the login in the form that the kubelet reads", async () => {
  const data: pulumi.Output<Record<string, string>>[] = [];
  await run({
    transformations: [
      ({ type, props }) => {
        // The data of a Secret, as the component hands it over.
        if (type === "kubernetes:core/v1:Secret") data.push(pulumi.output(props["data"] as Record<string, string>));
        return undefined;
      },
    ],
  });
  expect(data).toHaveLength(1);
  const [content] = await Promise.all(data.map(valueOf));
  expect(JSON.parse(Buffer.from(content?.[".dockerconfigjson"] ?? "", "base64").toString())).toEqual({
    auths: { "ghcr.io": { username: "robot", password: "open sesame", auth: "cm9ib3Q6b3BlbiBzZXNhbWU=" } },
  });
});
