import { disallowUnmatchedServices } from "../../../policies/availability/disallow-unmatched-services.ts";
import { unknown } from "../../lib/unknown.ts";
import { service } from "../ingresses.ts";
import { labels, manifest, workload } from "../manifests.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowUnmatchedServices], objects);
const calling = (selector: unknown, metadata: object = {}) => service({ selector }, metadata);

test.each(["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController"])(
  "accepts one for a %s",
  (kind) => {
    expect(said(calling(labels), workload(kind))).toEqual([]);
  },
);

test("accepts one for a pod", () => {
  expect(said(calling(labels), manifest("v1", "Pod", { spec: pod() }, { labels: { ...labels, tier: "a" } }))).toEqual(
    [],
  );
});

test.each<[string, object[]]>([
  ["one without a selector, whose endpoints somebody writes", [service()]],
  ["one whose selector is empty", [calling({})]],
  ["another name for something outside", [service({ type: "ExternalName", selector: labels })]],
  ["one of a system namespace", [calling(labels, { namespace: "kube-system" })]],
  ["one that another object keeps", [calling(labels, { ownerReferences: [{ kind: "Gateway", name: "web" }] })]],
  ["another group's kind", [manifest("serving.example/v1", "Service", { spec: { selector: labels } })]],
  ["one pod of a Job", [calling({ ...labels, "batch.kubernetes.io/job-name": "web" }), workload()]],
  ["one pod of a Job, by the label that it had before", [calling({ ...labels, "job-name": "web" }), workload()]],
  [
    "one pod of a StatefulSet",
    [calling({ ...labels, "statefulset.kubernetes.io/pod-name": "web-0" }), workload("StatefulSet")],
  ],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[]]>([
  ["nobody", [calling(labels)]],
  ["other labels", [calling({ app: "wbe" }), workload()]],
  ["a label that ends as those of controllers", [calling({ ...labels, "my-job-name": "web" }), workload()]],
  ["a label that begins as those of controllers", [calling({ ...labels, "job-name-2": "web" }), workload()]],
  [
    "labels that only a PodTemplate has, which makes no pods",
    [calling(labels), manifest("v1", "PodTemplate", { template: { metadata: { labels }, spec: pod() } })],
  ],
  ["one label more", [calling({ ...labels, tier: "a" }), workload()]],
  ["pods of another namespace", [calling(labels, { namespace: "bank" }), workload()]],
  ["one pod of nobody", [calling({ ...labels, "statefulset.kubernetes.io/pod-name": "web-0" })]],
])("tells of a selector of %s", (_, objects) => {
  expect(said(...objects)).toEqual([
    expect.stringMatching(/no workload of the stack in \w+ has the labels that it selects. Correct spec.selector/),
  ]);
});

test("is undecided while labels are not known", () => {
  const unread = workload("Deployment", { template: { metadata: { labels: { app: unknown } }, spec: pod() } });
  expect(said(calling(labels), unread)).toEqual([
    expect.stringContaining("labels.app of Deployment shop/web is not known"),
  ]);
});
