import { disallowRemovedVersions } from "../../../policies/objects/disallow-removed-versions.ts";
import { stackPolicies } from "../../../scripts/policy-config.ts";
import { judge } from "../../lib/judge.ts";
import { ingress } from "../ingresses.ts";
import { listOf } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowRemovedVersions], objects);
const of = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: "web", namespace: "shop" } });

test("accepts what is served, what is served until later, and kinds of others", () => {
  expect(said(of("apps/v1", "Deployment"), of("autoscaling/v2", "HorizontalPodAutoscaler"))).toEqual([]);
  expect(said(of("resource.k8s.io/v1beta1", "ResourceClaim"))).toEqual([]);
  expect(said(of("acme.example/v1beta1", "Ingress"), of("networking.istio.io/v1beta1", "Gateway"))).toEqual([]);
});

test.each([
  [
    "extensions/v1beta1",
    "Ingress",
    "1.22",
    "Write apiVersion as networking.k8s.io/v1; its fields may have changed with it.",
  ],
  [
    "policy/v1beta1",
    "PodDisruptionBudget",
    "1.25",
    "Write apiVersion as policy/v1; its fields may have changed with it.",
  ],
  [
    "autoscaling/v2beta2",
    "HorizontalPodAutoscaler",
    "1.26",
    "Write apiVersion as autoscaling/v2; its fields may have changed with it.",
  ],
  ["policy/v1beta1", "PodSecurityPolicy", "1.25", "Nothing has taken its place: remove it."],
])("refuses %s %s", (apiVersion, kind, removed, fix) => {
  expect(said(of(apiVersion, kind))).toEqual([
    `${kind} shop/web: Kubernetes ${removed} and later do not serve a ${kind} of ${apiVersion}. ${fix}`,
  ]);
});

test("sees what is in a list, by its place", () => {
  expect(said(listOf(of("batch/v1", "CronJob"), of("batch/v1beta1", "CronJob")))).toEqual([
    expect.stringContaining("Write items[1].apiVersion as batch/v1"),
  ]);
});

test("sees a resource of the engine by its type", async () => {
  const { violations } = await judge(disallowRemovedVersions, "kubernetes:extensions/v1beta1:Ingress", ingress());
  expect(violations).toEqual([expect.stringContaining("Kubernetes 1.22 and later")]);
});

test("the release is the cluster's", async () => {
  const verdict = (kubernetes: string) =>
    judge(disallowRemovedVersions, "kubernetes:resource.k8s.io/v1beta1:ResourceClaim", {}, { kubernetes });
  expect(await verdict("1.37")).toEqual({ violations: [] });
  expect(await verdict("1.38")).toEqual({ violations: [expect.stringContaining("Kubernetes 1.38 and later")] });
  expect((await verdict("v1.38.1")).undecided).toContain("must be a minor release");
});

test("a stack's own release is taken where it says one", () => {
  const set = (cluster: object) => stackPolicies({ "quintet:cluster": cluster }).rules[disallowRemovedVersions.name];
  expect(set({ kind: "k3s", version: "v1.35.2+k3s1" })).toEqual({ parameters: { kubernetes: "1.35" } });
  expect(set({ kind: "eks", version: "1.34" })).toEqual({ parameters: { kubernetes: "1.34" } });
  expect(set({ kind: "embedded" })).toBeUndefined();
});
