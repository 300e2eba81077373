/** Versions of Kubernetes' own kinds that are served no more. */
import told from "./removed-versions.json" with { type: "json" };

/** Kinds that the API server serves in one version until a release. */
export interface Removal {
  readonly apiVersion: string;
  /** The first release that does not serve them, as in "1.22". */
  readonly removed: string;
  /** The version to write instead, where there is one. */
  readonly instead?: string | undefined;
  readonly kinds: readonly string[];
}

/** A kind with its end as k8s.io/api tells of it: "1.22 networking.k8s.io/v1beta1 Ingress", and what takes its place. */
export type Lifecycle = readonly [ends: string, instead: string | null];

/** The stable version of these has come after k8s.io/api has last spoken of them. */
const since: Readonly<Record<string, readonly string[]>> = {
  "admissionregistration.k8s.io/v1": ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  "events.k8s.io/v1": ["Event"],
  "networking.k8s.io/v1": ["IPAddress", "ServiceCIDR"],
  "node.k8s.io/v1": ["RuntimeClass"],
  "resource.k8s.io/v1": ["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
};

/** Those that k8s.io/api tells of itself; test/e2e/policies/removed-versions.ts writes the file. */
const itsOwn = (told as unknown as readonly Lifecycle[]).map(([ends, said]): Removal => {
  const [removed = "", apiVersion = "", kind = ""] = ends.split(" ");
  const group = `${apiVersion.split("/")[0] ?? ""}/`;
  const stable = Object.entries(since).find(([version, kinds]) => version.startsWith(group) && kinds.includes(kind));
  return { apiVersion, removed, instead: said ?? stable?.[0], kinds: [kind] };
});

/** Those of other modules, and those that k8s.io/api has forgotten (kubernetes.io, Deprecated API Migration Guide). */
const others: readonly Removal[] = [
  {
    apiVersion: "apiextensions.k8s.io/v1beta1",
    removed: "1.22",
    instead: "apiextensions.k8s.io/v1",
    kinds: ["CustomResourceDefinition"],
  },
  {
    apiVersion: "apiregistration.k8s.io/v1beta1",
    removed: "1.22",
    instead: "apiregistration.k8s.io/v1",
    kinds: ["APIService"],
  },
  { apiVersion: "autoscaling/v2beta1", removed: "1.25", instead: "autoscaling/v2", kinds: ["HorizontalPodAutoscaler"] },
  { apiVersion: "autoscaling/v2beta2", removed: "1.26", instead: "autoscaling/v2", kinds: ["HorizontalPodAutoscaler"] },
  { apiVersion: "batch/v2alpha1", removed: "1.21", instead: "batch/v1", kinds: ["CronJob"] },
  { apiVersion: "extensions/v1beta1", removed: "1.16", kinds: ["PodSecurityPolicy"] },
  { apiVersion: "node.k8s.io/v1alpha1", removed: "1.24", instead: "node.k8s.io/v1", kinds: ["RuntimeClass"] },
  { apiVersion: "policy/v1beta1", removed: "1.25", kinds: ["PodSecurityPolicy"] },
  {
    apiVersion: "rbac.authorization.k8s.io/v1alpha1",
    removed: "1.23",
    instead: "rbac.authorization.k8s.io/v1",
    kinds: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  },
  {
    apiVersion: "scheduling.k8s.io/v1alpha1",
    removed: "1.23",
    instead: "scheduling.k8s.io/v1",
    kinds: ["PriorityClass"],
  },
  { apiVersion: "settings.k8s.io/v1alpha1", removed: "1.20", kinds: ["PodPreset"] },
];

/** What has become of a kind in a version by a release; `undefined` while it is served, or of somebody else. */
export function removalOf(apiVersion: string, kind: string, release: string): Removal | undefined {
  return [...itsOwn, ...others].find(
    (one) => one.apiVersion === apiVersion && one.kinds.includes(kind) && minor(one.removed) <= minor(release),
  );
}

/** The number of a minor release: 36 of "1.36". */
const minor = (release: string): number => Number(release.split(".")[1]);
