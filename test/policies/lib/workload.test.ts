import type { KubernetesObject } from "../../../policies/lib/object.ts";
import { objectsOfManifest, objectsOfResource } from "../../../policies/lib/object.ts";
import { type Workload, workloadKinds, workloadOf } from "../../../policies/lib/workload.ts";
import { unknown } from "../../lib/unknown.ts";

const metadata = { namespace: "shop", name: "web" };

/** The object that a manifest is. */
function objectOf(manifest: object): KubernetesObject {
  const [object] = objectsOfManifest(manifest);
  if (object === undefined) throw new Error("The manifest is no object.");
  return object;
}

/** The workload that an object is. */
function workloadIn(object: KubernetesObject): Workload {
  const workload = workloadOf(object);
  if (workload === undefined) throw new Error("The object is no workload.");
  return workload;
}

const podOf = (spec: unknown, own: object = {}) =>
  workloadIn(objectOf({ apiVersion: "v1", kind: "Pod", metadata: { ...metadata, ...own }, spec }));

test.each<[apiVersion: string, kind: string, path: string, within: (template: object) => object]>([
  ["v1", "Pod", "", (template) => template],
  ["v1", "PodTemplate", "template.", (template) => ({ template })],
  ["apps/v1", "Deployment", "spec.template.", (template) => ({ spec: { template } })],
  ["apps/v1", "ReplicaSet", "spec.template.", (template) => ({ spec: { template } })],
  ["v1", "ReplicationController", "spec.template.", (template) => ({ spec: { template } })],
  ["apps/v1", "StatefulSet", "spec.template.", (template) => ({ spec: { template } })],
  ["apps/v1", "DaemonSet", "spec.template.", (template) => ({ spec: { template } })],
  ["batch/v1", "Job", "spec.template.", (template) => ({ spec: { template } })],
  [
    "batch/v1",
    "CronJob",
    "spec.jobTemplate.spec.template.",
    (template) => ({ spec: { jobTemplate: { spec: { template } } } }),
  ],
])("the pods of a %s %s are those of its template", (apiVersion, kind, path, within) => {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "app" }] } };
  const workload = workloadIn(objectOf({ apiVersion, kind, ...within(template) }));
  expect(workload.template).toMatchObject(template);
  expect(workload.spec).toEqual({ containers: [{ name: "app" }] });
  expect(workload.metadataPath).toBe(`${path}metadata`);
  expect(workload.path).toBe(`${path}spec`);
  expect(workload.containers).toEqual([
    { name: "app", role: "app", path: `${path}spec.containers[0]`, value: { name: "app" } },
  ]);
});

test("each kind of workload is named", () => {
  expect(workloadKinds.toSorted()).toEqual([
    "CronJob",
    "DaemonSet",
    "Deployment",
    "Job",
    "Pod",
    "PodTemplate",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
  ]);
});

test.each([
  ["v1", "Pod"],
  ["apps/v1beta2", "Deployment"],
  ["batch/v1", "Job"],
  ["extensions/v1beta1", "DaemonSet"],
])("%s %s is a workload, and stays the same one", (apiVersion, kind) => {
  const object = objectOf({ apiVersion, kind, metadata });
  expect(workloadIn(object).object).toBe(object);
  expect(workloadOf(object)).toBe(workloadOf(object));
});

test.each([
  ["v1", "Service"],
  ["apps/v1", "ControllerRevision"],
  ["apps/v1", "toString"],
  ["serving.knative.dev/v1", "Deployment"],
  ["acme.example/v1", "Pod"],
  ["apps.kruise.io/v1beta1", "StatefulSet"],
])("%s %s is none", (apiVersion, kind) => {
  const object = objectOf({ apiVersion, kind, metadata });
  expect(workloadOf(object)).toBeUndefined();
  expect(workloadOf(object)).toBeUndefined();
});

test("labels and annotations are those of the pods", () => {
  const workload = workloadIn(
    objectOf({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { ...metadata, labels: { tier: "a" }, annotations: { said: "a" } },
      spec: { template: { metadata: { labels: { app: "web", empty: null }, annotations: { weight: 1 } } } },
    }),
  );
  expect(workload.labels).toEqual({ app: "web", empty: "" });
  expect(["app", "empty", "tier", "weight"].map((key) => workload.label(key))).toEqual([
    "web",
    undefined,
    undefined,
    undefined,
  ]);
  expect(["weight", "said", "app"].map((key) => workload.annotation(key))).toEqual(["1", undefined, undefined]);
});

test("one without a template has pods that say nothing", () => {
  const workload = workloadIn(objectOf({ apiVersion: "apps/v1", kind: "Deployment", metadata }));
  expect([workload.template, workload.spec, workload.resources]).toEqual([undefined, undefined, undefined]);
  expect([workload.labels, workload.label("app"), workload.containers]).toEqual([{}, undefined, []]);
  expect([workload.hasContainers, workload.hostNetwork]).toEqual([false, false]);
});

describe("containers", () => {
  test("come in the order in which they start, each with its role", () => {
    const { containers } = podOf({
      ephemeralContainers: [{ name: "shell", restartPolicy: "Always" }],
      containers: [{ name: "app", restartPolicy: "Always" }, { name: "proxy" }],
      initContainers: [
        { name: "migrate" },
        { name: "log", restartPolicy: "Always" },
        { name: "wait", restartPolicy: "OnFailure" },
      ],
    });
    expect(containers.map(({ name, role, path }) => [name, role, path])).toEqual([
      ["migrate", "init", "spec.initContainers[0]"],
      ["log", "sidecar", "spec.initContainers[1]"],
      ["wait", "init", "spec.initContainers[2]"],
      ["app", "app", "spec.containers[0]"],
      ["proxy", "app", "spec.containers[1]"],
      ["shell", "ephemeral", "spec.ephemeralContainers[0]"],
    ]);
  });

  test("are read once", () => {
    const workload = podOf({ containers: [{ name: "app" }] });
    expect(workload.containers).toBe(workload.containers);
  });

  test("may have a name that is not known, or none", () => {
    const { containers } = podOf({ containers: [{ name: unknown }, {}, null] });
    expect(containers.map(({ name, role }) => [name, role])).toEqual([
      ["", "app"],
      ["", "app"],
      ["", "app"],
    ]);
  });

  test("that are not known cannot be read", () => {
    expect(() => podOf({ containers: unknown }).containers).toThrow("spec.containers is not known before the update");
    expect(() => podOf({ containers: [unknown] }).containers).toThrow(
      "spec.containers[0] is not known before the update",
    );
  });

  test.each<[spec: unknown, has: boolean]>([
    [{ containers: [] }, true],
    [{ containers: [{ name: "app" }] }, true],
    [{ containers: {} }, false],
    [{ initContainers: [{ name: "app" }] }, false],
    [undefined, false],
  ])("of a pod of %j can be seen: %j", (spec, has) => {
    expect(podOf(spec).hasContainers).toBe(has);
  });

  test("need not be in a patch", () => {
    const [patch] = objectsOfResource("kubernetes:apps/v1:DeploymentPatch", { metadata });
    expect(patch && workloadOf(patch)?.hasContainers).toBe(true);
  });
});

test.each<[spec: object, hostNetwork: boolean]>([
  [{ hostNetwork: true }, true],
  [{ hostNetwork: false }, false],
  [{ hostNetwork: "true" }, false],
  [{}, false],
])("a pod of %j has its node's network: %j", (spec, hostNetwork) => {
  expect(podOf(spec).hostNetwork).toBe(hostNetwork);
});

test("a pod has resources for all of its containers", () => {
  expect(podOf({ resources: { limits: { cpu: "1" } }, containers: [] }).resources).toEqual({ limits: { cpu: "1" } });
});
