import { readFileSync } from "node:fs";
import { join } from "node:path";
import { removalOf, told } from "../../../../policies/lib/objects/removed-versions.ts";

/** What k8s.io/api says of itself: test/e2e/policies/removed-versions.ts writes it with QUINTET_WRITE_GOLDEN=1. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "removed-versions.expected.json"), "utf8"),
) as readonly (readonly [said: string, instead: string | null])[];

/** Where it names nothing: a stable version has come since. */
const since: Readonly<Record<string, string>> = {
  "1.25 events.k8s.io/v1beta1 Event": "events.k8s.io/v1",
  "1.25 node.k8s.io/v1beta1 RuntimeClass": "node.k8s.io/v1",
  "1.32 admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
  "1.32 admissionregistration.k8s.io/v1alpha1 ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
  "1.34 admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1",
  "1.34 admissionregistration.k8s.io/v1beta1 ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
  "1.37 networking.k8s.io/v1beta1 IPAddress": "networking.k8s.io/v1",
  "1.37 networking.k8s.io/v1beta1 ServiceCIDR": "networking.k8s.io/v1",
  ...Object.fromEntries(
    ["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"].flatMap((kind) => [
      [`1.38 resource.k8s.io/v1beta1 ${kind}`, "resource.k8s.io/v1"],
      [`1.39 resource.k8s.io/v1beta2 ${kind}`, "resource.k8s.io/v1"],
    ]),
  ),
};

test("is what k8s.io/api says, and what has become stable since", () => {
  const ours = told.flatMap(({ apiVersion, removed, kinds, instead }) =>
    kinds.map((kind) => [`${removed} ${apiVersion} ${kind}`, instead ?? null]),
  );
  expect(ours.sort()).toEqual(golden.map(([said, instead]) => [said, instead ?? since[said] ?? null]));
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
  const before = `1.${String(Number(removed.slice(2)) - 1)}`;
  expect(removalOf(apiVersion, kind, before)).toBeUndefined();
  expect(removalOf(apiVersion, kind, removed)).toMatchObject({ removed });
  expect(removalOf(apiVersion, kind, "1.99")?.instead).toBe(instead);
  expect(removalOf(apiVersion, "Thing", "1.99")).toBeUndefined();
});
