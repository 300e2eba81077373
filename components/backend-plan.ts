/** What the sample backend is, as plain manifests: no Pulumi here. */
import { parseQuantity } from "../quantity.ts";
import { anyone, type Half, type NamespaceRules } from "./connectivity-graph.ts";
import type { MeshService } from "./mesh-service.ts";
import { qosClassAnnotation } from "./pod-plan.ts";
import {
  type Amounts,
  labelsOf,
  planService,
  podinfoContainer,
  podOf,
  ports,
  revisionLabel,
  type PodinfoSpec,
} from "./podinfo-plan.ts";
import { minAvailable } from "./workload-plan.ts";

/** What decides the shape of the backend. */
export interface BackendSpec extends PodinfoSpec {
  /** The name of every object of the backend, and of its Service in DNS. */
  readonly app: string;
  /** How few and how many pods the autoscaler may run. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** What its amounts come to, which the Deployment declares. */
  readonly qosClass: "Guaranteed" | "Burstable";
}

/** The mean use of the requested cpu, in percent, that the autoscaler aims for. */
const targetCpuPercent = 50;

/**
 * What the backend adds to the connectivity graph.
 *
 * @param open whether whoever is in the cluster may call, since no gateway stands in front
 */
export function backendHalf(
  app: string,
  { namespace, closed, open }: { readonly namespace: string; readonly open: boolean } & NamespaceRules,
): Half {
  return {
    of: "backend",
    namespaces: { [namespace]: { closed, ...(open ? {} : { meshed: "closed" }) } },
    workloads: [
      { namespace, name: app, labels: labelsOf(app), ports: { http: { port: ports.container } }, serviceAccount: app },
    ],
    // It is told to call nobody.
    edges: open
      ? [{ from: anyone, to: `${namespace}/${app}`, port: "http", why: "whoever may come this far may ask" }]
      : [],
  };
}

/** What the backend is to those who route to it. */
export const backendService = (
  app: string,
  { namespace, replicas }: { readonly namespace: string; readonly replicas: { readonly min: number } },
): MeshService => ({
  namespace,
  name: app,
  port: ports.service,
  versions: { v1: labelsOf(app) },
  leastPods: replicas.min,
  gatewayOnly: true,
});

/** Every manifest of the backend, by the resource it becomes; namespaces are added by who applies it. */
export function planBackend(spec: BackendSpec) {
  const selector = labelsOf(spec.app);
  const meta = { name: spec.app, labels: selector };
  return {
    ...planService(spec.app),
    deployment: {
      metadata: { ...meta, annotations: { [qosClassAnnotation]: spec.qosClass } },
      spec: deploymentSpec(spec, selector),
    },
    podDisruptionBudget: {
      // `up` ends when a pod may be evicted, which is when all of them are ready: the Deployment alone is done after
      // its first pod, before the autoscaler has raised it to its minimum.
      metadata: { ...meta, annotations: { "pulumi.com/waitFor": "condition=DisruptionAllowed" } },
      spec: { selector: { matchLabels: selector }, minAvailable: minAvailable(spec.replicas.min) },
    },
    horizontalPodAutoscaler: {
      metadata: meta,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: spec.app },
        minReplicas: spec.replicas.min,
        maxReplicas: spec.replicas.max,
        metrics: [
          {
            // Of the backend alone: what its sidecar requests and uses says nothing about it.
            type: "ContainerResource",
            containerResource: {
              name: "cpu",
              container: podinfoContainer,
              target: { type: "Utilization", averageUtilization: targetCpuPercent },
            },
          },
        ],
      },
    },
  };
}

/** The Deployment without `replicas`: the autoscaler owns the number. */
function deploymentSpec(spec: BackendSpec, selector: Record<string, string>) {
  return {
    selector: { matchLabels: selector },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    template: {
      metadata: { labels: { ...selector, ...revisionLabel(spec) } },
      spec: podOf(spec.app, selector, spec),
    },
  };
}

/** Where a limit is below what is promised, by path. */
export function limitProblems(resources: Amounts, limits: Amounts): [path: string[], problem: string][] {
  return (["cpu", "memory"] as const)
    .filter((amount) => (parseQuantity(resources[amount]) ?? 0n) > (parseQuantity(limits[amount]) ?? 0n))
    .map((amount) => [
      ["limits", amount],
      `${limits[amount]} is below the ${resources[amount]} of resources.${amount}`,
    ]);
}

/**
 * Why containers of these amounts cannot be of a QoS class, by path: Kubernetes derives the class from the amounts
 * (kubernetes.io/docs/concepts/workloads/pods/pod-qos).
 */
export function qosProblems(
  resources: Amounts,
  limits: Amounts,
  qosClass: BackendSpec["qosClass"],
): [path: string[], problem: string][] {
  const problems = limitProblems(resources, limits);
  const guaranteed = (["cpu", "memory"] as const).every(
    (amount) => parseQuantity(resources[amount]) === parseQuantity(limits[amount]),
  );
  if (problems.length === 0 && guaranteed !== (qosClass === "Guaranteed")) {
    problems.push([
      ["qosClass"],
      guaranteed
        ? "Burstable needs a limit above what is promised, but limits equal resources: pods would be Guaranteed"
        : "Guaranteed needs limits equal to resources: pods would be Burstable",
    ]);
  }
  return problems;
}
