/** What cert-manager's parts may do, and no more: only what the controllers that run here call. No Pulumi here. */
import type { Rights, Rule } from "./rights.ts";

const read = ["get", "list", "watch"];
const certManager = ["cert-manager.io"];
const acme = ["acme.cert-manager.io"];
const core = [""];

/** Leads in turn with its other replicas; a name cannot bound what is created. */
const lease = (name: string): Rule[] => [
  {
    apiGroups: ["coordination.k8s.io"],
    resources: ["leases"],
    resourceNames: [name],
    verbs: ["get", "update", "patch"],
  },
  { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
];

const events: Rule = { apiGroups: core, resources: ["events"], verbs: ["create", "patch"] };

/**
 * The controller writes certificates into Secrets of every namespace, by which it could read all of them: Kubernetes
 * knows no narrower right. It approves requests to issuers of cert-manager's own kinds alone.
 *
 * @param acmeToo whether it also solves challenges over HTTP, for which it makes pods, Services and routes
 */
export function controllerRights(acmeToo: boolean): Rights {
  return {
    cluster: [
      { apiGroups: certManager, resources: ["certificates", "issuers", "clusterissuers"], verbs: read },
      { apiGroups: certManager, resources: ["certificaterequests"], verbs: [...read, "create", "update", "delete"] },
      {
        apiGroups: certManager,
        resources: ["certificates", "issuers", "clusterissuers", "certificaterequests"].map((kind) => `${kind}/status`),
        verbs: ["update", "patch"],
      },
      // An owner is named in what it owns (OwnerReferencesPermissionEnforcement).
      {
        apiGroups: certManager,
        resources: ["certificates/finalizers", "certificaterequests/finalizers"],
        verbs: ["update"],
      },
      {
        apiGroups: certManager,
        resources: ["signers"],
        resourceNames: ["issuers.cert-manager.io/*", "clusterissuers.cert-manager.io/*"],
        verbs: ["approve"],
      },
      { apiGroups: core, resources: ["secrets"], verbs: [...read, "create", "update", "patch", "delete"] },
      events,
      // The metrics count challenges even where nobody makes any.
      { apiGroups: acme, resources: ["challenges"], verbs: read },
      ...(acmeToo ? acmeRules : []),
    ],
    namespace: lease("cert-manager-controller"),
  };
}

const acmeRules: readonly Rule[] = [
  { apiGroups: acme, resources: ["orders"], verbs: [...read, "create", "update", "patch", "delete"] },
  { apiGroups: acme, resources: ["challenges"], verbs: ["create", "update", "patch", "delete"] },
  { apiGroups: acme, resources: ["orders/status", "challenges/status"], verbs: ["update", "patch"] },
  { apiGroups: acme, resources: ["orders/finalizers", "challenges/finalizers"], verbs: ["update"] },
  { apiGroups: core, resources: ["pods", "services"], verbs: [...read, "create", "delete"] },
  {
    apiGroups: ["gateway.networking.k8s.io"],
    resources: ["httproutes"],
    verbs: [...read, "create", "update", "delete"],
  },
  // Its informers want them even where every solver uses a Gateway.
  { apiGroups: ["networking.k8s.io"], resources: ["ingresses"], verbs: read },
];

/** The webhook signs its own serving certificate with a CA that its replicas share, and asks who may approve. */
export const webhookRights = (caSecret: string): Rights => ({
  cluster: [{ apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] }],
  namespace: [
    { apiGroups: core, resources: ["secrets"], resourceNames: [caSecret], verbs: [...read, "update"] },
    { apiGroups: core, resources: ["secrets"], verbs: ["create"] },
  ],
});

/** The injector writes that CA into the configurations of this one webhook. */
export const injectorRights = (webhook: string): Rights => {
  const apiGroups = ["admissionregistration.k8s.io"];
  const resources = ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"];
  return {
    cluster: [
      { apiGroups, resources, verbs: ["list", "watch"] },
      { apiGroups, resources, resourceNames: [webhook], verbs: ["get", "update", "patch"] },
    ],
    namespace: [
      { apiGroups: core, resources: ["secrets"], verbs: read },
      events,
      ...lease("cert-manager-cainjector-leader-election"),
    ],
  };
};

/** What whoever may see a namespace may see of its certificates; aggregated to Kubernetes' own roles. */
export const viewerRules: readonly Rule[] = [
  { apiGroups: certManager, resources: ["certificates", "certificaterequests", "issuers"], verbs: read },
];
