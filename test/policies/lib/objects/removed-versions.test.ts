import told from "../../../../policies/lib/objects/removed-versions.json" with { type: "json" };
import { removalOf } from "../../../../policies/lib/objects/removed-versions.ts";

/** The minor release before another one: "1.21" of "1.22". */
const before = (release: string) => `1.${String(Number(release.slice(2)) - 1)}`;

/** Of k8s.io/api's own: the first and the last that it tells of, and some that have become stable since. */
test.each<readonly [apiVersion: string, kind: string, removed: string, instead: string | undefined]>([
  ["apps/v1beta1", "Deployment", "1.16", "apps/v1"],
  ["extensions/v1beta1", "Ingress", "1.22", "networking.k8s.io/v1"],
  ["extensions/v1beta1", "NetworkPolicy", "1.16", "networking.k8s.io/v1"],
  ["policy/v1beta1", "PodDisruptionBudget", "1.25", "policy/v1"],
  ["storage.k8s.io/v1alpha1", "CSIStorageCapacity", "1.24", "storage.k8s.io/v1beta1"],
  ["events.k8s.io/v1beta1", "Event", "1.25", "events.k8s.io/v1"],
  ["node.k8s.io/v1beta1", "RuntimeClass", "1.25", "node.k8s.io/v1"],
  ["admissionregistration.k8s.io/v1beta1", "ValidatingAdmissionPolicy", "1.34", "admissionregistration.k8s.io/v1"],
  ["admissionregistration.k8s.io/v1beta1", "MutatingAdmissionPolicy", "1.40", "admissionregistration.k8s.io/v1"],
  ["networking.k8s.io/v1beta1", "ServiceCIDR", "1.37", "networking.k8s.io/v1"],
  ["resource.k8s.io/v1beta1", "DeviceClass", "1.38", "resource.k8s.io/v1"],
  ["resource.k8s.io/v1beta2", "ResourceSlice", "1.39", "resource.k8s.io/v1"],
  ["resource.k8s.io/v1beta2", "DeviceTaintRule", "1.42", undefined],
  ["certificates.k8s.io/v1beta1", "ClusterTrustBundle", "1.40", undefined],
])("of k8s.io/api: %s %s until %s", (apiVersion, kind, removed, instead) => {
  expect(removalOf(apiVersion, kind, before(removed))).toBeUndefined();
  expect(removalOf(apiVersion, kind, removed)).toEqual({ apiVersion, removed, instead, kinds: [kind] });
});

test("every version that k8s.io/api tells of is known until its end, and ends", () => {
  expect(told.length).toBeGreaterThan(50);
  for (const [ends = ""] of told) {
    const [removed = "", apiVersion = "", kind = ""] = ends?.split(" ") ?? [];
    expect(removalOf(apiVersion, kind, before(removed))).toBeUndefined();
    expect(removalOf(apiVersion, kind, "1.99")).toMatchObject({ removed });
  }
});

test.each<readonly [apiVersion: string, kind: string, removed: string, instead: string | undefined]>([
  ["apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "1.22", "apiextensions.k8s.io/v1"],
  ["apiregistration.k8s.io/v1beta1", "APIService", "1.22", "apiregistration.k8s.io/v1"],
  ["autoscaling/v2beta1", "HorizontalPodAutoscaler", "1.25", "autoscaling/v2"],
  ["autoscaling/v2beta2", "HorizontalPodAutoscaler", "1.26", "autoscaling/v2"],
  ["batch/v2alpha1", "CronJob", "1.21", "batch/v1"],
  ["extensions/v1beta1", "PodSecurityPolicy", "1.16", undefined],
  ["node.k8s.io/v1alpha1", "RuntimeClass", "1.24", "node.k8s.io/v1"],
  ["policy/v1beta1", "PodSecurityPolicy", "1.25", undefined],
  ...["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"].map((kind): [string, string, string, string] => [
    "rbac.authorization.k8s.io/v1alpha1",
    kind,
    "1.23",
    "rbac.authorization.k8s.io/v1",
  ]),
  ["scheduling.k8s.io/v1alpha1", "PriorityClass", "1.23", "scheduling.k8s.io/v1"],
  ["settings.k8s.io/v1alpha1", "PodPreset", "1.20", undefined],
])("and of others: %s %s until %s", (apiVersion, kind, removed, instead) => {
  expect(removalOf(apiVersion, kind, before(removed))).toBeUndefined();
  expect(removalOf(apiVersion, kind, removed)).toMatchObject({ removed });
  expect(removalOf(apiVersion, kind, "1.99")?.instead).toBe(instead);
  expect(removalOf(apiVersion, "Thing", "1.99")).toBeUndefined();
});
