/** Manifests for the tests of rules across objects: namespace shop, and what complies in it. */
import { pod } from "./workloads.ts";

/** A manifest of namespace shop, unless its metadata says another. */
export const manifest = (apiVersion: string, kind: string, own: object = {}, metadata: object = {}) => ({
  apiVersion,
  kind,
  metadata: { namespace: "shop", name: "web", ...metadata },
  ...own,
});

/** A manifest that is in no namespace. */
export const clusterWide = (apiVersion: string, kind: string, own: object = {}, metadata: object = {}) => ({
  apiVersion,
  kind,
  metadata: { name: "web", ...metadata },
  ...own,
});

export const labels = { app: "web" };
export const matchLabels = labels;

/** A workload whose pods are labelled app: web. */
export const workload = (kind = "Deployment", change: object = {}, spec: object = pod(), metadata: object = {}) =>
  manifest(
    kind === "ReplicationController" ? "v1" : "apps/v1",
    kind,
    { spec: { replicas: 3, template: { metadata: { labels }, spec }, ...change } },
    metadata,
  );

/** A budget over pods labelled app: web. */
export const budget = (change: object = {}, metadata: object = {}) =>
  manifest("policy/v1", "PodDisruptionBudget", { spec: { selector: { matchLabels }, ...change } }, metadata);

/** An autoscaler of Deployment web. */
export const autoscaler = (change: object = {}, metadata: object = {}) =>
  manifest(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    {
      spec: {
        minReplicas: 2,
        maxReplicas: 5,
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
        ...change,
      },
    },
    metadata,
  );

/** Several manifests as one list. */
export const listOf = (...items: object[]) => ({ apiVersion: "v1", kind: "List", items });

/** The kinds that have replicas. */
export const replicatedKinds = ["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"] as const;
