import { requireQuotaFit } from "../../../policies/qos/require-quota-fit.ts";
import { app, deployment, metadata, pod, saidOf } from "../workloads.ts";

const quota = (hard: object, more = {}) => ({
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata,
  spec: { hard, ...more },
});
const said = (...manifests: object[]) => saidOf([requireQuotaFit], manifests);
const recreated = deployment(pod(), { strategy: { type: "Recreate" } });
const autoscaler = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata,
  spec: { scaleTargetRef: { kind: "Deployment", name: "web" }, maxReplicas: 5 },
};

test("accepts what just fits, and what counts other things", () => {
  expect(said(quota({ "requests.cpu": "200m", "limits.memory": "128Mi", pods: 2 }), recreated)).toEqual([]);
  expect(said(quota({ configmaps: 1 }), recreated)).toEqual([]);
  expect(said(quota({ pods: 0 }, { scopes: ["BestEffort"] }), recreated)).toEqual([]);
});

test("refuses what does not, with who takes most", () => {
  expect(said(quota({ "requests.cpu": "199m" }), recreated)).toEqual([
    'ResourceQuota shop/web: workloads come to 200m of requests.cpu, more than the quota\'s 199m, the largest being Deployment shop/web (2 pods) 200m. Raise spec.hard["requests.cpu"], or lower what they ask for.',
  ]);
  expect(said(quota({ pods: 2 }), deployment(pod()))).toEqual([expect.stringContaining("workloads come to 3 of pods")]);
  expect(said(quota({ pods: 4 }), recreated, autoscaler)).toEqual([
    expect.stringContaining("workloads come to 5 of pods"),
  ]);
});

test("counts the sidecar", () => {
  const namespace = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: "shop", labels: { "istio.io/rev": "default" } },
  };
  expect(said(quota({ "requests.cpu": "200m" }), namespace, recreated)).toEqual([
    expect.stringContaining("workloads come to 700m of requests.cpu"),
  ]);
});

test("refuses pods that say nothing of what the quota counts", () => {
  expect(said(quota({ "limits.cpu": "1" }), deployment(app({})))).toEqual([
    expect.stringContaining(
      'says nothing of limits.cpu in container "app", and with the quota the API server refuses such pods',
    ),
  ]);
});
