import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { requireQuotaFit } from "../../../policies/qos/require-quota-fit.ts";
import { amounts, app, deployment, metadata, pod, saidOf } from "../workloads.ts";

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

const stored = { ...amounts, "ephemeral-storage": "1Gi" };
const storing = deployment(app({ resources: { requests: stored, limits: stored } }), {
  strategy: { type: "Recreate" },
});

test.each([
  ["cpu", "200m", "199m"],
  ["memory", "128Mi", "127Mi"],
  ["requests.cpu", "200m", "199m"],
  ["requests.memory", "128Mi", "127Mi"],
  ["requests.ephemeral-storage", "2Gi", "1Gi"],
  ["limits.cpu", "200m", "199m"],
  ["limits.memory", "128Mi", "127Mi"],
  ["limits.ephemeral-storage", "2Gi", "1Gi"],
  ["pods", "2", "1"],
  ["count/pods", "2", "1"],
])("counts %s", (name, enough, less) => {
  expect(said(quota({ [name]: enough }), storing)).toEqual([]);
  expect(said(quota({ [name]: less }), storing)).toEqual([
    expect.stringContaining(`workloads come to ${enough} of ${name}, more than the quota's ${less}, the largest being`),
  ]);
});

test("leaves alone a quota for some pods, one of another group, and a patch of one", () => {
  expect(said(quota({ pods: 0 }, { scopeSelector: { matchExpressions: [] } }), recreated)).toEqual([]);
  expect(said({ ...quota({ pods: 0 }), apiVersion: "example.com/v1" }, recreated)).toEqual([]);
  const objects = [
    ...objectsOfResource("kubernetes:core/v1:ResourceQuotaPatch", quota({ pods: 0 })),
    ...objectsOfResource("kubernetes:apps/v1:Deployment", recreated),
  ];
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
  expect(judge([requireQuotaFit], new Objects(objects), settings)).toEqual([]);
});

test("refuses what is no quantity, and judges the others", () => {
  expect(said(quota({ cpu: "lots", pods: 1 }), recreated)).toEqual([
    'ResourceQuota shop/web: "lots" is no quantity. Correct spec.hard.cpu.',
    expect.stringContaining("Raise spec.hard.pods, or lower what they ask for."),
  ]);
});

test("names the three that take most, the largest first", () => {
  const sized = (name: string, replicas: number) => ({
    ...deployment(pod(), { replicas }),
    kind: "StatefulSet",
    metadata: { ...metadata, name },
  });
  expect(said(quota({ pods: 9 }), sized("a", 2), sized("b", 4), sized("c", 1), sized("d", 3))).toEqual([
    expect.stringContaining(
      "workloads come to 10 of pods, more than the quota's 9, the largest being StatefulSet shop/b (4 pods) 4, StatefulSet shop/d (3 pods) 3, StatefulSet shop/a (2 pods) 2. Raise",
    ),
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
      'Deployment shop/web says nothing of limits.cpu in container "app", and with the quota the API server refuses such pods. Write it in each of its containers.',
    ),
  ]);
  expect(said(quota({ "limits.cpu": "1" }), deployment({ ...app({}), resources: { limits: amounts } }))).toEqual([]);
});
