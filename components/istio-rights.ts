/** What istiod may do, and no more: what the controllers that run here call. No Pulumi here. */
import type { Definition } from "./definitions-plan.ts";
import type { Rights, Rule } from "./rights.ts";

const read = ["get", "list", "watch"];
const core = [""];

/** The group of the Gateway API, whose objects istiod reports on. */
const gatewayApi = "gateway.networking.k8s.io";

/** What decides what istiod may do. */
export interface IstiodRightsSpec {
  /** The kinds that it reads: its own, and those of the Gateway API. */
  readonly definitions: readonly Definition[];
  /** The configurations of webhooks that validate, and of those that inject, in which it writes its CA. */
  readonly validators: readonly string[];
  readonly injectors: readonly string[];
  /** Whether it serves the classic Ingress. */
  readonly ingress: boolean;
}

/**
 * The rights of istiod. It watches Secrets and ConfigMaps of all namespaces, as upstream makes it, and looks away from
 * those outside the mesh; upstream's rights to create Deployments, Services and workloads are left out, since nothing
 * here is created by istiod.
 */
export function istiodRights({ definitions, validators, injectors, ingress }: IstiodRightsSpec): Rights {
  const byGroup = Map.groupBy(definitions, ({ spec }) => spec.group);
  const pluralsOf = (group: string) => (byGroup.get(group) ?? []).map(({ spec }) => spec.names.plural).sort();
  return {
    cluster: [
      ...[...byGroup.keys()].sort().map((group): Rule => ({
        apiGroups: [group],
        resources: pluralsOf(group),
        verbs: read,
      })),
      {
        apiGroups: [gatewayApi],
        resources: pluralsOf(gatewayApi).map((plural) => `${plural}/status`),
        verbs: ["update", "patch"],
      },
      { apiGroups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], verbs: read },
      { apiGroups: core, resources: ["namespaces", "nodes", "pods", "services"], verbs: read },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
      { apiGroups: core, resources: ["secrets"], verbs: read },
      // The CA's certificate lies in a ConfigMap of each namespace, and leaders are elected by one.
      { apiGroups: core, resources: ["configmaps"], verbs: [...read, "create", "update"] },
      { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
      // Whether a gateway may have the Secret that it asks for.
      { apiGroups: ["authorization.k8s.io"], resources: ["subjectaccessreviews"], verbs: ["create"] },
      ...Object.entries({
        mutatingwebhookconfigurations: injectors,
        validatingwebhookconfigurations: validators,
      }).flatMap(([resource, names]): Rule[] => {
        const webhooks = { apiGroups: ["admissionregistration.k8s.io"], resources: [resource] };
        return [
          { ...webhooks, verbs: read },
          { ...webhooks, resourceNames: [...names], verbs: ["update"] },
        ];
      }),
      // Read in any case: istiod is not ready until it knows of them all.
      { apiGroups: ["networking.k8s.io"], resources: ["ingresses", "ingressclasses"], verbs: read },
      ...(ingress
        ? [{ apiGroups: ["networking.k8s.io"], resources: ["ingresses/status"], verbs: ["update", "patch"] }]
        : []),
    ],
    namespace: [
      // A Secret that does not exist yet has no name to bound its creation by.
      { apiGroups: core, resources: ["secrets"], verbs: ["create"] },
      { apiGroups: core, resources: ["secrets"], resourceNames: ["istio-ca-secret"], verbs: ["update"] },
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update", "patch"] },
    ],
  };
}
