/** The objects beside workloads that rules in CEL are about. */
import { builtInRoles, rbac } from "../access/rights.ts";
import { gatewayApi } from "../ingress/gateways.ts";
import { security } from "../mesh/mesh.ts";
import { given, type Kinds, orElse, quoted } from "./form.ts";

const object = "variables.object";
const labels = `${object}.metadata.labels`;
const name = orElse(`${object}.metadata.name`, '""');
const isBuiltInName = `(${name} in [${[...builtInRoles].map(quoted).join(", ")}] || ${name}.startsWith("system:"))`;
const isBootstrapped = `"kubernetes.io/bootstrapping" in ${labels} && ${labels}["kubernetes.io/bootstrapping"] == "rbac-defaults"`;

/** What the API server brings itself, and restores, is marked so. */
const isOwn = `!(${isBuiltInName} && ${given(labels)} && ${isBootstrapped})`;

/** Roles that somebody wrote; the rules of one that is put together from others are overwritten. */
export const roles: Kinds = {
  groups: [rbac],
  resources: { Role: "roles", ClusterRole: "clusterroles" },
  reads: ["rules", "aggregationRule"],
  where: `!has(${object}.aggregationRule) && ${isOwn}`,
};

/** Bindings that somebody wrote. */
export const bindings: Kinds = {
  groups: [rbac],
  resources: { RoleBinding: "rolebindings", ClusterRoleBinding: "clusterrolebindings" },
  reads: ["subjects"],
  where: isOwn,
};

/** Secrets. */
export const secrets: Kinds = { groups: [""], resources: { Secret: "secrets" }, reads: ["type"] };

const ingressGroups = ["networking.k8s.io", "extensions"];

/** Ingresses with the annotations that their controller reads. */
export const annotatedIngresses: Kinds = {
  groups: ingressGroups,
  resources: { Ingress: "ingresses" },
  reads: ["metadata.annotations"],
};

/** What leads requests by the name of their host. */
export const hosts: Kinds = {
  groups: [...ingressGroups, gatewayApi],
  resources: { Ingress: "ingresses", HTTPRoute: "httproutes", GRPCRoute: "grpcroutes", TLSRoute: "tlsroutes" },
  reads: ["spec"],
};

/** Gateways, and not Istio's own of that name. */
export const gateways: Kinds = { groups: [gatewayApi], resources: { Gateway: "gateways" }, reads: ["spec"] };

/** Who may call whom in the mesh. */
export const authorizationPolicies: Kinds = {
  groups: [security],
  resources: { AuthorizationPolicy: "authorizationpolicies" },
  reads: ["spec"],
};

/** Who has to say his name in the mesh. */
export const peerAuthentications: Kinds = {
  groups: [security],
  resources: { PeerAuthentication: "peerauthentications" },
  reads: ["spec"],
};

/** NetworkPolicies of Kubernetes, and not those of a network's own API. */
export const networkPolicies: Kinds = {
  groups: ["networking.k8s.io"],
  resources: { NetworkPolicy: "networkpolicies" },
  reads: ["spec"],
};
