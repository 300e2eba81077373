/** Roles and bindings for the tests of rules. */
import { clusterWide, manifest } from "./manifests.ts";

const api = "rbac.authorization.k8s.io/v1";

/** What the API server puts on roles that it brings itself. */
export const bootstrapping = { "kubernetes.io/bootstrapping": "rbac-defaults" };

/** A rule that reads ConfigMaps, or with one thing changed. */
export const rule = (change: object = {}) => ({
  apiGroups: [""],
  resources: ["configmaps"],
  verbs: ["get"],
  ...change,
});

export const clusterRole = (rules: unknown, own: object = {}, metadata: object = {}) =>
  clusterWide(api, "ClusterRole", { rules, ...own }, metadata);

export const role = (rules: unknown, metadata: object = {}) => manifest(api, "Role", { rules }, metadata);

export const account = { kind: "ServiceAccount", namespace: "shop", name: "web" };

const ref = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });

export const clusterBinding = (name: unknown = "web", subjects: unknown = [account], metadata: object = {}) =>
  clusterWide(api, "ClusterRoleBinding", { roleRef: { ...ref("ClusterRole", "web"), name }, subjects }, metadata);

export const binding = (kind = "Role", name = "web", subjects: unknown = [account], metadata: object = {}) =>
  manifest(api, "RoleBinding", { roleRef: ref(kind, name), subjects }, metadata);

export const serviceAccount = (own: object = {}, metadata: object = {}) =>
  manifest("v1", "ServiceAccount", own, metadata);
