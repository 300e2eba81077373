/** Workloads that want too much. */
import { versions } from "../../../../versions.ts";
import { forwarded, kubectl } from "../context.ts";
import { apply, remove } from "../objects.ts";
import { cause } from "./fault.ts";

const [namespace, app] = ["default", "limited"];

const limited = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: app, namespace },
  spec: {
    selector: { matchLabels: { app } },
    template: {
      metadata: { labels: { app } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: "podinfo",
            image: versions.images.podinfo,
            resources: { requests: { cpu: "5m", memory: "16Mi" } },
          },
        ],
      },
    },
  },
};

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

const port = 9898; // podinfo's own default

const hoarder = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "hoarder", namespace },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "podinfo",
        image: versions.images.podinfo,
        readinessProbe: { httpGet: { path: "/readyz", port } },
        volumeMounts: [{ name: "data", mountPath: "/data" }],
      },
    ],
    volumes: [{ name: "data", emptyDir: { sizeLimit: "1Mi" } }],
  },
};

/** A pod keeps more than it may. */
export const evicted = cause({
  what: "a pod writes more into an emptyDir than its sizeLimit",
  fires: [{ alertname: "PodEvicted", name: "hoarder" }],
  minutes: 6,
  begin: async () => {
    await apply(hoarder);
    await kubectl("wait", "pod/hoarder", "-n", namespace, "--for=condition=Ready", "--timeout=60s");
    await forwarded(namespace, "pod/hoarder", port, async (url) => {
      await fetch(`${url}/store`, { method: "POST", body: "x".repeat(8 * 1024 ** 2) });
    });
  },
  mend: () => remove(hoarder),
});
