/** Workloads that want too much. */
import assert from "node:assert/strict";
import { controller, podinfo, shortLived } from "../broken.ts";
import { kubectl, spec } from "../context.ts";
import { apply, remove } from "../objects.ts";
import { cause } from "./fault.ts";

const node = spec.nodes.at(-1) ?? assert.fail("The cluster has no nodes.");
const [namespace, app] = ["default", "limited"];

const limited = controller("Deployment", app, {
  containers: [{ ...podinfo, resources: { requests: { cpu: "5m", memory: "16Mi" } } }],
});

/** No podinfo gets along with a MiB, however many there are. */
const autoscaler = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: app, namespace },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: app },
    minReplicas: 1,
    maxReplicas: 2,
    metrics: [
      { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Mi" } } },
    ],
  },
};

/** An autoscaler wants more than it may. */
export const atItsLimit = cause({
  what: "an autoscaler wants more pods than it may make",
  fires: [{ alertname: "AutoscalerAtItsLimit", horizontalpodautoscaler: app }],
  minutes: 20,
  begin: () => apply(limited, autoscaler),
  mend: () => remove(autoscaler, limited),
});

/** A pod that wants one port of one node. */
const rival = (name: string, more: object) =>
  shortLived(name, {
    nodeSelector: { "kubernetes.io/hostname": node.name },
    containers: [{ ...podinfo, ports: [{ containerPort: 9898, hostPort: 19_898 }] }],
    ...more,
  });
const [first, second] = [rival("first", {}), rival("second", { priorityClassName: "system-cluster-critical" })];

/** A pod has to give way to another. */
export const evicted = cause({
  what: "a pod that matters more takes its place",
  fires: [{ alertname: "PodEvicted", name: "first" }],
  minutes: 6,
  begin: async () => {
    await apply(first);
    await kubectl("wait", "pod/first", "-n", namespace, "--for=condition=Ready", "--timeout=60s");
    await apply(second);
  },
  mend: () => remove(first, second),
});
