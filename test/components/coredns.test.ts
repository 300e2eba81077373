import { Provider } from "@pulumi/kubernetes/provider.js";
import { CoreDns } from "../../components/coredns.ts";
import { planCoreDns } from "../../components/coredns-plan.ts";
import type { DnsFacts } from "../../components/coredns-schema.ts";
import { record } from "../lib/record.ts";
import { facts, noDns } from "../lib/stacks.ts";

const owner = "acme/quintet/dev";
const target = "pulumi:providers:kubernetes::target";
const run = (own: DnsFacts) =>
  record(
    () =>
      new CoreDns(
        "dns",
        { facts: own, settings: noDns, owner, namespace: "kube-system" },
        { provider: new Provider("target", {}) },
      ),
  );
const placed = <T extends { metadata: object }>(manifest: T) => ({
  ...manifest,
  metadata: { ...manifest.metadata, namespace: "kube-system" },
});

/** What is made, by type and name, with what it comes after. */
async function made(own: DnsFacts) {
  const { resources, result } = await run(own);
  const all = resources.filter(({ type }) => type.startsWith("kubernetes:"));
  expect(all.filter(({ provider }) => provider !== target)).toEqual([]);
  return { all, ready: result.ready, of: (name: string) => all.find((one) => one.name === name) };
}

test("a CoreDNS that imports settings: its files, then its pods, then its budget, then the check", async () => {
  const { all, ready, of } = await made(facts);
  const { imported, podDisruptionBudget, check } = planCoreDns({ facts, settings: noDns, owner });
  if (imported === undefined || podDisruptionBudget === undefined || check === undefined) throw new Error("No plan.");
  expect(all.map(({ type, name, inputs }) => [type, name, inputs])).toEqual(
    (
      [
        ["apps/v1", "DaemonSet", "dns-check", check],
        ["apps/v1", "DeploymentPatch", "dns-deployment", imported.deploymentPatch],
        ["core/v1", "ConfigMap", "dns-config", imported.configMap],
        ["policy/v1", "PodDisruptionBudget", "dns-disruption-budget", podDisruptionBudget],
      ] as const
    ).map(([group, kind, name, manifest]) => [
      `kubernetes:${group}:${kind}`,
      name,
      { apiVersion: group.replace("core/", ""), kind: kind.replace("Patch", ""), ...placed(manifest) },
    ]),
  );
  const [files, pods, budget] = [
    "kubernetes:core/v1:ConfigMap::dns-config",
    "kubernetes:apps/v1:DeploymentPatch::dns-deployment",
    "kubernetes:policy/v1:PodDisruptionBudget::dns-disruption-budget",
  ];
  expect(of("dns-deployment")?.after).toEqual([files]);
  expect(of("dns-disruption-budget")?.after).toEqual([pods]);
  expect(of("dns-check")?.after).toEqual([pods, budget]);
  expect(ready).toHaveLength(1);
});

test("what of another's Deployment is set stays when the stack goes", async () => {
  const { all } = await made(facts);
  expect(all.filter(({ retainOnDelete }) => retainOnDelete === true).map(({ name }) => name)).toEqual([
    "dns-deployment",
  ]);
});

test("a CoreDNS of our own: rights and Corefile, then its pods, then the rest", async () => {
  const own: DnsFacts = { ...facts, brings: ["cni"], dns: { domain: "shop.internal", settings: "none" } };
  const { all, ready, of } = await made(own);
  const { installed } = planCoreDns({ facts: own, settings: noDns, owner });
  if (installed === undefined) throw new Error("No plan.");
  expect(all.map(({ name }) => name).sort()).toEqual([
    "dns-check",
    "dns-config",
    "dns-deployment",
    "dns-disruption-budget",
    "dns-role",
    "dns-role-binding",
    "dns-service",
    "dns-service-account",
  ]);
  expect(of("dns-deployment")).toMatchObject({
    type: "kubernetes:apps/v1:Deployment",
    inputs: placed(installed.deployment),
    after: [
      "kubernetes:core/v1:ConfigMap::dns-config",
      "kubernetes:core/v1:ServiceAccount::dns-service-account",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole::dns-role",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding::dns-role-binding",
    ],
  });
  expect(of("dns-service")?.inputs).toMatchObject(placed(installed.service));
  expect(of("dns-role")?.inputs).toMatchObject(installed.clusterRole);
  expect(of("dns-role-binding")?.inputs).toMatchObject(installed.clusterRoleBinding);
  expect(of("dns-service-account")?.inputs).toMatchObject(placed(installed.serviceAccount));
  expect(of("dns-check")?.after).toContain("kubernetes:core/v1:Service::dns-service");
  expect(ready).toHaveLength(1);
});

test("the DNS of others is left alone", async () => {
  const { all, ready } = await made({ ...facts, dns: { domain: "corp.internal", settings: "none" } });
  expect(all).toEqual([]);
  expect(ready).toEqual([]);
});
