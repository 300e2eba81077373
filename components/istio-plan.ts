/** What Istio's control plane is, as plain manifests: no Pulumi here. */
import type { Half, NamespaceRules } from "./connectivity-graph.ts";
import { waitFor } from "./definitions-plan.ts";
import { istioNamespace, istiodPorts, istiodRef } from "./istio-names.ts";
import {
  ingressClass,
  istiodLabels,
  type IstiodSpec,
  planIstiod,
  type Revision,
  revisionTag,
  sharedWebhooks,
} from "./istiod-plan.ts";

/** The class of Gateways that istiod looks after. */
export const gatewayClass = "istio";

/** The labels of a namespace whose pods get sidecars. */
export const meshLabels = { "istio.io/rev": revisionTag } as const;

/** What decides the shape of the control plane. */
export interface IstioSpec extends IstiodSpec {
  /** Every istiod; more than one while proxies move from one to another. */
  readonly revisions: readonly Revision[];
  /** The revision that serves: new pods are its, and objects that name none. */
  readonly current: string;
}

/** What the control plane adds to the connectivity graph. */
export function istioHalf({ name }: Pick<Revision, "name">, { closed }: NamespaceRules): Half {
  return {
    of: "istio",
    namespaces: { [istioNamespace]: { closed } },
    workloads: [
      {
        namespace: istioNamespace,
        name: "istiod",
        labels: istiodLabels(name),
        // Another revision beside it is istiod, too.
        selector: { app: "istiod" },
        ports: {
          xds: { port: istiodPorts.xds },
          webhooks: { port: istiodPorts.webhooks },
          metrics: { port: istiodPorts.monitoring },
        },
      },
    ],
    edges: [
      { from: istiodRef, to: "api-server", port: "https", why: "it watches Services, routes and Secrets" },
      {
        from: "api-server",
        to: istiodRef,
        port: "webhooks",
        why: "every object of Istio is validated, and pods of the mesh get their sidecars",
      },
    ],
  };
}

/** Everything of the control plane but the definitions; namespaces are added by who applies it. */
export function planIstio(spec: IstioSpec) {
  const labels = { "app.kubernetes.io/name": "istiod" };
  return {
    revisions: spec.revisions.map((revision) => ({ revision: revision.name, ...planIstiod(revision, spec) })),
    gatewayClass: {
      metadata: {
        name: gatewayClass,
        labels,
        ...(spec.live ? { annotations: waitFor("condition=Accepted") } : {}),
      },
      spec: { controllerName: "istio.io/gateway-controller" },
    },
    ingressClass:
      spec.ingressGateway === undefined
        ? undefined
        : { metadata: { name: ingressClass, labels }, spec: { controller: "istio.io/ingress-controller" } },
    webhooks: spec.live ? sharedWebhooks(spec.current) : { validators: [], injectors: [] },
  };
}
