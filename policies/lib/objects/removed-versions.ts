/** Versions of Kubernetes' own kinds that are served no more. */

/** Kinds that the API server serves in one version until a release. */
export interface Removal {
  readonly apiVersion: string;
  /** The first release that does not serve them, as in "1.22". */
  readonly removed: string;
  /** The version to write instead, where there is one. */
  readonly instead?: string;
  readonly kinds: readonly string[];
}

/** Those that k8s.io/api tells of itself (APILifecycleRemoved, APILifecycleReplacement), which a test compares. */
export const told: readonly Removal[] = [
  {
    apiVersion: "admissionregistration.k8s.io/v1alpha1",
    removed: "1.38",
    kinds: ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1alpha1",
    removed: "1.32",
    instead: "admissionregistration.k8s.io/v1",
    kinds: ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1beta1",
    removed: "1.40",
    instead: "admissionregistration.k8s.io/v1",
    kinds: ["MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding"],
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1beta1",
    removed: "1.22",
    instead: "admissionregistration.k8s.io/v1",
    kinds: ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
  },
  {
    apiVersion: "admissionregistration.k8s.io/v1beta1",
    removed: "1.34",
    instead: "admissionregistration.k8s.io/v1",
    kinds: ["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"],
  },
  {
    apiVersion: "apps/v1beta1",
    removed: "1.16",
    instead: "apps/v1",
    kinds: ["ControllerRevision", "Deployment", "StatefulSet"],
  },
  {
    apiVersion: "apps/v1beta2",
    removed: "1.16",
    instead: "apps/v1",
    kinds: ["ControllerRevision", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
  },
  { apiVersion: "batch/v1beta1", removed: "1.25", instead: "batch/v1", kinds: ["CronJob"] },
  { apiVersion: "certificates.k8s.io/v1alpha1", removed: "1.37", kinds: ["ClusterTrustBundle"] },
  {
    apiVersion: "certificates.k8s.io/v1beta1",
    removed: "1.22",
    instead: "certificates.k8s.io/v1",
    kinds: ["CertificateSigningRequest"],
  },
  { apiVersion: "certificates.k8s.io/v1beta1", removed: "1.40", kinds: ["ClusterTrustBundle"] },
  { apiVersion: "certificates.k8s.io/v1beta1", removed: "1.41", kinds: ["PodCertificateRequest"] },
  { apiVersion: "coordination.k8s.io/v1alpha2", removed: "1.38", kinds: ["LeaseCandidate"] },
  { apiVersion: "coordination.k8s.io/v1beta1", removed: "1.22", instead: "coordination.k8s.io/v1", kinds: ["Lease"] },
  { apiVersion: "coordination.k8s.io/v1beta1", removed: "1.39", kinds: ["LeaseCandidate"] },
  { apiVersion: "discovery.k8s.io/v1beta1", removed: "1.25", instead: "discovery.k8s.io/v1", kinds: ["EndpointSlice"] },
  { apiVersion: "events.k8s.io/v1beta1", removed: "1.25", instead: "events.k8s.io/v1", kinds: ["Event"] },
  {
    apiVersion: "extensions/v1beta1",
    removed: "1.16",
    instead: "apps/v1",
    kinds: ["DaemonSet", "Deployment", "ReplicaSet"],
  },
  { apiVersion: "extensions/v1beta1", removed: "1.22", instead: "networking.k8s.io/v1", kinds: ["Ingress"] },
  { apiVersion: "extensions/v1beta1", removed: "1.16", instead: "networking.k8s.io/v1", kinds: ["NetworkPolicy"] },
  {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1beta1",
    removed: "1.26",
    instead: "flowcontrol.apiserver.k8s.io/v1beta3",
    kinds: ["FlowSchema", "PriorityLevelConfiguration"],
  },
  {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1beta2",
    removed: "1.29",
    instead: "flowcontrol.apiserver.k8s.io/v1beta3",
    kinds: ["FlowSchema", "PriorityLevelConfiguration"],
  },
  {
    apiVersion: "flowcontrol.apiserver.k8s.io/v1beta3",
    removed: "1.32",
    instead: "flowcontrol.apiserver.k8s.io/v1",
    kinds: ["FlowSchema", "PriorityLevelConfiguration"],
  },
  {
    apiVersion: "networking.k8s.io/v1beta1",
    removed: "1.37",
    instead: "networking.k8s.io/v1",
    kinds: ["IPAddress", "ServiceCIDR"],
  },
  {
    apiVersion: "networking.k8s.io/v1beta1",
    removed: "1.22",
    instead: "networking.k8s.io/v1",
    kinds: ["Ingress", "IngressClass"],
  },
  { apiVersion: "node.k8s.io/v1beta1", removed: "1.25", instead: "node.k8s.io/v1", kinds: ["RuntimeClass"] },
  { apiVersion: "policy/v1beta1", removed: "1.25", instead: "policy/v1", kinds: ["PodDisruptionBudget"] },
  {
    apiVersion: "rbac.authorization.k8s.io/v1beta1",
    removed: "1.22",
    instead: "rbac.authorization.k8s.io/v1",
    kinds: ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
  },
  { apiVersion: "resource.k8s.io/v1alpha3", removed: "1.39", kinds: ["DeviceTaintRule"] },
  { apiVersion: "resource.k8s.io/v1alpha3", removed: "1.42", kinds: ["ResourcePoolStatusRequest"] },
  {
    apiVersion: "resource.k8s.io/v1beta1",
    removed: "1.38",
    instead: "resource.k8s.io/v1",
    kinds: ["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
  },
  {
    apiVersion: "resource.k8s.io/v1beta2",
    removed: "1.39",
    instead: "resource.k8s.io/v1",
    kinds: ["DeviceClass", "ResourceClaim", "ResourceClaimTemplate", "ResourceSlice"],
  },
  { apiVersion: "resource.k8s.io/v1beta2", removed: "1.42", kinds: ["DeviceTaintRule"] },
  {
    apiVersion: "scheduling.k8s.io/v1beta1",
    removed: "1.22",
    instead: "scheduling.k8s.io/v1",
    kinds: ["PriorityClass"],
  },
  {
    apiVersion: "storage.k8s.io/v1alpha1",
    removed: "1.24",
    instead: "storage.k8s.io/v1beta1",
    kinds: ["CSIStorageCapacity"],
  },
  { apiVersion: "storage.k8s.io/v1alpha1", removed: "1.24", instead: "storage.k8s.io/v1", kinds: ["VolumeAttachment"] },
  {
    apiVersion: "storage.k8s.io/v1alpha1",
    removed: "1.35",
    instead: "storage.k8s.io/v1",
    kinds: ["VolumeAttributesClass"],
  },
  {
    apiVersion: "storage.k8s.io/v1beta1",
    removed: "1.22",
    instead: "storage.k8s.io/v1",
    kinds: ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
  },
  {
    apiVersion: "storage.k8s.io/v1beta1",
    removed: "1.27",
    instead: "storage.k8s.io/v1",
    kinds: ["CSIStorageCapacity"],
  },
  {
    apiVersion: "storage.k8s.io/v1beta1",
    removed: "1.37",
    instead: "storage.k8s.io/v1",
    kinds: ["VolumeAttributesClass"],
  },
  { apiVersion: "storagemigration.k8s.io/v1beta1", removed: "1.41", kinds: ["StorageVersionMigration"] },
];

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
  return [...told, ...others].find(
    (one) => one.apiVersion === apiVersion && one.kinds.includes(kind) && minor(one.removed) <= minor(release),
  );
}

/** The number of a minor release: 36 of "1.36". */
const minor = (release: string): number => Number(release.split(".")[1]);
