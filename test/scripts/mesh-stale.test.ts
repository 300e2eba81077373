import { type KubernetesObject, stalePods } from "../../scripts/mesh-stale.ts";

const owner = (kind: string, name: string) => [{ kind, name, controller: true }];
const pod = (name: string, more: Partial<KubernetesObject["metadata"]> = {}, spec: KubernetesObject["spec"] = {}) => ({
  kind: "Pod",
  metadata: { name, namespace: "shop", ...more },
  spec: { containers: [{ name: "app" }], ...spec },
  status: { phase: "Running" },
});
const sidecar = { initContainers: [{ name: "istio-proxy" }] };
const of = (revision: string) => ({ annotations: { "istio.io/rev": revision } });
const around: KubernetesObject[] = [
  { kind: "Namespace", metadata: { name: "shop", labels: { "istio.io/rev": "stable" } } },
  { kind: "Namespace", metadata: { name: "pinned", labels: { "istio.io/rev": "1-0-0" } } },
  { kind: "Namespace", metadata: { name: "plain" } },
  {
    kind: "MutatingWebhookConfiguration",
    metadata: { name: "tag", labels: { "istio.io/tag": "stable", "istio.io/rev": "1-1-0" } },
  },
  { kind: "MutatingWebhookConfiguration", metadata: { name: "other", labels: { "istio.io/rev": "1-0-0" } } },
  { kind: "ReplicaSet", metadata: { name: "web-1", namespace: "shop", ownerReferences: owner("Deployment", "web") } },
];
const stale = (...pods: KubernetesObject[]) => stalePods([...around, ...pods]);

test.each<[string, KubernetesObject]>([
  ["of the revision that the tag leads to", pod("a", of("1-1-0"), sidecar)],
  ["in a namespace that names the revision itself", pod("a", { namespace: "pinned", ...of("1-0-0") }, sidecar)],
  ["outside the mesh", pod("a", { namespace: "plain" })],
  ["of the node's own network", pod("a", {}, { hostNetwork: true })],
  ["that says it wants none", pod("a", { labels: { "sidecar.istio.io/inject": "false" } })],
  ["that is going", pod("a", { deletionTimestamp: "2026-01-01T00:00:00Z" })],
  ["that has ended", { ...pod("a"), status: { phase: "Succeeded" } }],
])("a pod %s is left alone", (_, one) => {
  expect(stale(one)).toEqual([]);
});

test("a pod without a sidecar is found by its Deployment, with the others of it", () => {
  const made = { ownerReferences: owner("ReplicaSet", "web-1") };
  expect(stale(pod("web-1-a", made), pod("web-1-b", made))).toEqual([
    { namespace: "shop", workload: "deployment/web", reason: "no sidecar", pods: ["web-1-a", "web-1-b"] },
  ]);
});

test("a pod whose sidecar asks another revision is found, and told apart from one without", () => {
  const made = { ownerReferences: owner("StatefulSet", "db") };
  expect(stale(pod("db-0", { ...made, ...of("1-0-0") }, sidecar), pod("db-1", made))).toEqual([
    { namespace: "shop", workload: "statefulset/db", reason: "another revision", pods: ["db-0"] },
    { namespace: "shop", workload: "statefulset/db", reason: "no sidecar", pods: ["db-1"] },
  ]);
});

test("a pod that nobody makes anew stands for itself", () => {
  expect(stale(pod("shell")).map(({ workload }) => workload)).toEqual(["pod/shell"]);
});
