import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { requireDeclaredClass } from "../../../policies/qos/require-declared-class.ts";
import { app, amounts, deployment, metadata, pod, saidOf } from "../workloads.ts";

const key = "quintet.dev/qos-class";
const namespace = (says: string, labels = {}) => ({
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: "shop", labels, annotations: { [key]: says } },
});
const said = (...manifests: object[]) => saidOf([requireDeclaredClass], manifests);
const burstable = app({ resources: { requests: amounts, limits: { ...amounts, cpu: "1" } } });
const meshed = { "istio.io/rev": "default" };

test("accepts what is declared nowhere, and what is of its class", () => {
  expect(said(deployment(burstable))).toEqual([]);
  expect(said(namespace("Guaranteed"), deployment(pod()))).toEqual([]);
  expect(said(namespace("Burstable"), deployment(burstable))).toEqual([]);
  expect(said(namespace("BestEffort"), deployment(app({})))).toEqual([]);
});

test("says what keeps a pod from the class, with its path", () => {
  expect(said(namespace("Guaranteed"), deployment(burstable))).toEqual([
    'Deployment shop/web: pods would be Burstable, and namespace shop declares Guaranteed: container "app" requests 100m of cpu and is limited to 1. Correct it at spec.template.spec.containers[0].resources.',
  ]);
  expect(said(namespace("BestEffort"), deployment(pod()))).toEqual([
    expect.stringContaining("pods would be Guaranteed"),
  ]);
  expect(said(namespace("Burstable"), deployment(pod()))).toEqual([
    expect.stringContaining("pods would be Guaranteed"),
  ]);
});

test("the pod template stands above the workload, and that above the namespace", () => {
  const says = (value: string) => ({ annotations: { [key]: value } });
  const own = { ...deployment(burstable), metadata: { ...metadata, ...says("Burstable") } };
  expect(said(namespace("Guaranteed"), own)).toEqual([]);
  const template = deployment(burstable, { template: { metadata: says("Guaranteed"), spec: burstable } });
  expect(said(namespace("Burstable"), template)).toEqual([expect.stringContaining("the workload declares Guaranteed")]);
  expect(said({ ...own, metadata: { ...metadata, ...says("Gold") } })).toEqual([
    `Deployment shop/web: the workload declares the QoS class "Gold", and there are Guaranteed, Burstable, BestEffort. Correct metadata.annotations["${key}"].`,
  ]);
  expect(said(namespace("Gold"), deployment(pod()))).toEqual([
    'Deployment shop/web: namespace shop declares the QoS class "Gold", and there are Guaranteed, Burstable, BestEffort. Correct it there.',
  ]);
  const gold = deployment(pod(), { template: { metadata: says("Gold"), spec: pod() } });
  expect(said(gold)).toEqual([expect.stringContaining(`Correct spec.template.metadata.annotations["${key}"].`)]);
});

test.each<[string, string, object, string]>([
  [
    "what is asked for and limited",
    "BestEffort",
    pod(),
    'pods would be Guaranteed, and namespace shop declares BestEffort: container "app" requests 100m of cpu and is limited to 100m. Correct it at spec.template.spec.containers[0].resources, or declare what is meant.',
  ],
  [
    "a limit alone",
    "BestEffort",
    app({ resources: { requests: { cpu: "0" }, limits: { cpu: "1" } } }),
    'container "app" requests no cpu and is limited to 1. Correct it',
  ],
  [
    "nothing at all",
    "Guaranteed",
    app({}),
    'pods would be BestEffort, and namespace shop declares Guaranteed: container "app" requests no cpu and has no limit for it. Correct it at spec.template.spec.containers[0].resources.',
  ],
  [
    "no memory",
    "Guaranteed",
    app({ resources: { limits: { cpu: "1" } } }),
    'container "app" requests no memory and has no limit for it',
  ],
  [
    "what the pod says for all",
    "Guaranteed",
    { ...pod(), resources: { requests: amounts, limits: { ...amounts, memory: "128Mi" } } },
    "the pod requests 64Mi of memory and is limited to 128Mi. Correct it at spec.template.spec.resources.",
  ],
  [
    "nothing to blame",
    "Burstable",
    pod(),
    "pods would be Guaranteed, and namespace shop declares Burstable. Correct it at spec.template.spec.containers, or declare what is meant.",
  ],
  [
    "what is no quantity",
    "Guaranteed",
    app({ resources: { requests: { cpu: "lots" } } }),
    "an amount is no quantity, so that the QoS class cannot be told. Correct it, below spec.template.spec.containers.",
  ],
])("says what is wrong with %s, where %s is declared", (_, says, spec, message) => {
  expect(said(namespace(says), deployment(spec))).toEqual([expect.stringContaining(message)]);
});

test("asks a patch nothing, since it need not say everything", () => {
  const objects = ["core/v1:Namespace", "apps/v1:DeploymentPatch"].flatMap((type, index) =>
    objectsOfResource(`kubernetes:${type}`, [namespace("Guaranteed"), deployment(burstable)][index]),
  );
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
  expect(judge([requireDeclaredClass], new Objects(objects), settings)).toEqual([]);
});

describe("counts the sidecar that the mesh adds", () => {
  test("which follows a Guaranteed pod, and is Burstable in others", () => {
    expect(said(namespace("Guaranteed", meshed), deployment(pod()))).toEqual([]);
    expect(said(namespace("BestEffort", meshed), deployment(app({})))).toEqual([
      expect.stringContaining("the mesh's istio-validation requests 50m of cpu and is limited to 1"),
    ]);
  });

  test("unless the pod wants none, or cannot have one", () => {
    const labels = { "sidecar.istio.io/inject": "false" };
    for (const spec of [app({}), { ...app({}), hostNetwork: true }]) {
      const template = { metadata: spec.containers.length === 1 && !("hostNetwork" in spec) ? { labels } : {}, spec };
      expect(said(namespace("BestEffort", meshed), deployment(spec, { template }))).toEqual([]);
    }
  });

  test("with amounts of its own by annotations", () => {
    const template = { metadata: { annotations: { "sidecar.istio.io/proxyCPULimit": "2" } }, spec: burstable };
    const [message = ""] = said(namespace("Guaranteed", meshed), deployment(burstable, { template }));
    expect(message).toContain('container "app" requests 100m of cpu and is limited to 1');
  });

  test("with the same amount in two forms, which the mesh takes for two amounts", () => {
    const forms = app({
      resources: { requests: { ...amounts, memory: "1Gi" }, limits: { ...amounts, memory: 1024 ** 3 } },
    });
    expect(said(namespace("Guaranteed"), deployment(forms))).toEqual([]);
    expect(said(namespace("Guaranteed", meshed), deployment(forms))).toEqual([
      expect.stringContaining("istio-validation"),
    ]);
  });
});

test("counts what a LimitRange adds", () => {
  const item = { type: "Container", default: amounts };
  const limitRange = { apiVersion: "v1", kind: "LimitRange", metadata, spec: { limits: [item] } };
  expect(said(namespace("Guaranteed"), limitRange, deployment(app({})))).toEqual([]);
  const other = { ...limitRange, metadata: { ...metadata, namespace: "bank" } };
  expect(said(namespace("Guaranteed"), other, deployment(app({})))).toEqual([
    expect.stringContaining("pods would be BestEffort"),
  ]);
});
