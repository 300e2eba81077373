/** What runs on the cluster while it is upgraded, and what must be the same afterwards. */
import { items } from "../../embedded/kubectl.ts";
import type { ClusterState } from "../../embedded/state.ts";
import { versions } from "../../versions.ts";

const labels = { app: "backend" };
const namespace = "upgraded";

/** Where the backend listens on every node. */
export const nodePort = 31_080;

/** Where everything is. */
export const upgraded = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } };

/** Three replicas that may lose one at a time, on three nodes, and that serve until nobody sends them anything. */
export const backend = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "backend", namespace },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          terminationGracePeriodSeconds: 45,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: labels },
            },
          ],
          containers: [
            {
              name: "podinfo",
              image: versions.images.podinfo,
              command: ["./podinfo", "--port=9898", "--level=error"],
              readinessProbe: { httpGet: { path: "/readyz", port: 9898 }, periodSeconds: 1, failureThreshold: 2 },
              lifecycle: { preStop: { sleep: { seconds: 15 } } },
              resources: { requests: { cpu: "20m", memory: "32Mi" }, limits: { memory: "64Mi" } },
            },
          ],
        },
      },
    },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "backend", namespace },
    spec: { minAvailable: 2, selector: { matchLabels: labels } },
  },
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "backend", namespace },
    spec: { type: "NodePort", selector: labels, ports: [{ name: "http", port: 80, targetPort: 9898, nodePort }] },
  },
];

/** Objects that nothing has a reason to touch. */
export const keepsakes = Array.from({ length: 200 }, (_, i) => ({
  apiVersion: "v1",
  kind: i % 2 === 0 ? "ConfigMap" : "Secret",
  metadata: { name: `kept-${String(i)}`, namespace, labels: { kept: "yes" } },
  [i % 2 === 0 ? "data" : "stringData"]: { number: String(i) },
}));

/** One pod of its own that may never go: a budget that a drain would wait for without end. */
export const stuck = [
  {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "stuck", namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "stuck" } },
      template: {
        metadata: { labels: { app: "stuck" } },
        spec: {
          terminationGracePeriodSeconds: 0,
          containers: [{ name: "pause", image: versions.images.pause }],
        },
      },
    },
  },
  {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "stuck", namespace },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "stuck" } } },
  },
];

/** What of these kinds is in the namespace: every object by its uid and content, which nothing has a reason to change. */
export async function contentOf(state: ClusterState, kinds: string, ...flags: readonly string[]): Promise<string[]> {
  interface Kept {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly uid: string };
    readonly data?: object;
  }
  return (await items<Kept>(state, [kinds, "-n", namespace, ...flags]))
    .map(({ kind, metadata, data }) => [kind, metadata.name, metadata.uid, JSON.stringify(data)].join(" "))
    .sort();
}
