/** What the sample backend is, as plain manifests: no Pulumi here. */
import { parseQuantity } from "../quantity.ts";
import { anyone, type Half, type NamespaceRules } from "./connectivity-graph.ts";
import { lockedDown, lostNodeTolerations, minAvailable, spread } from "./pod-plan.ts";

/** Quantities of what a pod uses; a type and not an interface, so that it is also a map of strings. */
export type Amounts = Readonly<Record<"cpu" | "memory", string>>;

/** What decides the shape of the backend. */
export interface BackendSpec {
  /** The name of every object of the backend, and of its Service in DNS. */
  readonly app: string;
  /** The image with its tag or digest; it runs `./podinfo` in its working directory. */
  readonly image: string;
  /** How few and how many pods the autoscaler may run. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** What each pod is promised, as Kubernetes quantities. */
  readonly resources: Amounts;
  /** What each pod may take at most. @default what it is promised */
  readonly limits?: Amounts | undefined;
  /** Whether the nodes stand in more than one rack, so that pods prefer different racks. */
  readonly racks: boolean;
}

/** The port podinfo listens on, and the Service's own. */
export const ports = { container: 1323, service: 80 } as const;

/** The mean use of the requested cpu, in percent, that the autoscaler aims for. */
const targetCpuPercent = 50;

/** The user and group `app` of the upstream image, as numbers because runAsNonRoot cannot check a name. */
const user = { runAsUser: 100, runAsGroup: 101, fsGroup: 101 };

/**
 * The time in seconds for a stop without a lost request: as long as endpoints take to leave every node, then as long
 * as podinfo waits for open requests (its --server-shutdown-timeout), and as much again before the kill.
 */
const shutdown = { endpoints: 5, requests: 10, kill: 30 };

const labelsOf = (app: string) => ({ "app.kubernetes.io/name": app });

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
    // podinfo itself calls nobody.
    edges: open
      ? [{ from: anyone, to: `${namespace}/${app}`, port: "http", why: "whoever may come this far may ask" }]
      : [],
  };
}

/** Every manifest of the backend, by the resource it becomes; namespaces are added by who applies it. */
export function planBackend(spec: BackendSpec) {
  const selector = labelsOf(spec.app);
  const meta = { name: spec.app, labels: selector };
  return {
    serviceAccount: { metadata: meta, automountServiceAccountToken: false },
    deployment: { metadata: meta, spec: deploymentSpec(spec, selector) },
    service: {
      metadata: meta,
      spec: { selector, ports: [{ name: "http", port: ports.service, targetPort: "http", appProtocol: "http" }] },
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
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: targetCpuPercent } },
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
      metadata: { labels: selector },
      spec: {
        serviceAccountName: spec.app,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { ...user, runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
        terminationGracePeriodSeconds: shutdown.kill,
        topologySpreadConstraints: spread(selector, spec.racks),
        tolerations: lostNodeTolerations,
        containers: [container(spec)],
        volumes: [{ name: "data", emptyDir: { sizeLimit: "16Mi" } }],
      },
    },
  };
}

/**
 * Why containers of these amounts cannot be of a QoS class, by path: Kubernetes derives the class from the amounts
 * (kubernetes.io/docs/concepts/workloads/pods/pod-qos).
 */
export function qosProblems(
  resources: Amounts,
  limits: Amounts,
  qosClass: "Guaranteed" | "Burstable",
): [path: string[], problem: string][] {
  const problems: [string[], string][] = [];
  const order = (["cpu", "memory"] as const).map((amount) => {
    const [promised, limit] = [parseQuantity(resources[amount]) ?? 0n, parseQuantity(limits[amount]) ?? 0n];
    if (promised > limit) {
      problems.push([["limits", amount], `${limits[amount]} is below the ${resources[amount]} of resources.${amount}`]);
    }
    return promised === limit;
  });
  const guaranteed = order.every((equal) => equal);
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

function container({ image, resources: requests, limits = requests }: BackendSpec) {
  const probe = (path: string) => ({ httpGet: { path, port: "http" }, timeoutSeconds: 2 });
  return {
    name: "podinfo",
    image,
    command: [
      "./podinfo",
      `--port=${String(ports.container)}`,
      `--server-shutdown-timeout=${String(shutdown.requests)}s`,
    ],
    ports: [{ name: "http", containerPort: ports.container }],
    resources: { requests, limits },
    startupProbe: { ...probe("/healthz"), periodSeconds: 1, failureThreshold: 60 },
    readinessProbe: { ...probe("/readyz"), periodSeconds: 5, failureThreshold: 2 },
    livenessProbe: { ...probe("/healthz"), periodSeconds: 10, failureThreshold: 3 },
    lifecycle: { preStop: { sleep: { seconds: shutdown.endpoints } } },
    securityContext: lockedDown,
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
}
