/** How many pods there are at most, by what a quota of them says. */
import { requireQuotaFit } from "../../../../policies/qos/require-quota-fit.ts";
import { deployment, metadata, pod, saidOf } from "../../workloads.ts";

const said = (...manifests: object[]) => saidOf([requireQuotaFit], manifests);
const quota = (pods: number) => ({ apiVersion: "v1", kind: "ResourceQuota", metadata, spec: { hard: { pods } } });
const recreated = deployment(pod(), { strategy: { type: "Recreate" } });
const scaling = (scaleTargetRef: object) => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata,
  spec: { scaleTargetRef, maxReplicas: 5 },
});
const replicated = (kind: string, replicas: number) => ({ ...deployment(pod(), { replicas }), kind });
const rolling = (replicas: number | undefined, maxSurge?: unknown) =>
  deployment(pod(), { replicas, strategy: { rollingUpdate: { maxSurge } } });
const job = (kind: string, spec: object) => ({ apiVersion: "batch/v1", kind, metadata, spec });
const template = { spec: pod() };
const scheduled = (concurrencyPolicy: string | undefined, more: object = { parallelism: 3 }) =>
  job("CronJob", { concurrencyPolicy, jobTemplate: { spec: { ...more, template } } });

test.each<[string, object, number]>([
  ["a Pod", { apiVersion: "v1", kind: "Pod", metadata, spec: pod() }, 1],
  ["a StatefulSet", replicated("StatefulSet", 4), 4],
  ["a ReplicaSet", replicated("ReplicaSet", 4), 4],
  ["a ReplicationController", { ...replicated("ReplicationController", 4), apiVersion: "v1" }, 4],
  ["a DaemonSet, of which the nodes decide", replicated("DaemonSet", 4), 1],
  ["a Deployment, which adds a quarter", rolling(8), 10],
  ["a Deployment, which adds a share rounded up", rolling(3, "50%"), 5],
  ["a Deployment, which adds a number", rolling(3, 4), 7],
  ["a Deployment that does not say how many", rolling(undefined, 0), 1],
  ["a Job", job("Job", { template }), 1],
  ["a Job of several at once", job("Job", { parallelism: 3, template }), 3],
  ["a CronJob of which one runs", scheduled("Forbid"), 3],
  ["a CronJob of which one runs, of one pod", scheduled("Replace", {}), 1],
  ["a CronJob of which any number runs", scheduled(undefined), 1],
  ["a CronJob that says so", scheduled("Allow"), 1],
])("counts the pods of %s", (_, object, count) => {
  expect(said(quota(count), object)).toEqual([]);
  expect(said(quota(count - 1), object)).toEqual([
    expect.stringContaining(`workloads come to ${String(count)} of pods, more than the quota's ${String(count - 1)}`),
  ]);
});

test.each<[string, object]>([
  ["a template alone", { apiVersion: "v1", kind: "PodTemplate", metadata, template }],
  ["another namespace's", { ...recreated, metadata: { ...metadata, namespace: "bank" } }],
  ["another group's", { ...recreated, apiVersion: "example.com/v1" }],
])("counts no pods of %s", (_, object) => {
  expect(said(quota(0), object)).toEqual([]);
});

test.each<[string, object]>([
  ["another kind", { kind: "StatefulSet", name: "web" }],
  ["another name", { kind: "Deployment", name: "db" }],
])("pays no heed to an autoscaler of %s", (_, scaleTargetRef) => {
  expect(said(quota(2), recreated, scaling(scaleTargetRef))).toEqual([]);
});
