import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfManifest } from "../../../policies/lib/object.ts";
import { disallowOverlappingSidecars } from "../../../policies/mesh/disallow-overlapping-sidecars.ts";
import { unknown } from "../../lib/unknown.ts";
import { labels, manifest, workload } from "../manifests.ts";
import { meshed, namespace } from "../meshes.ts";
import { pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowOverlappingSidecars], objects);
const sidecar = (own: unknown, metadata: object = {}) =>
  manifest(
    "networking.istio.io/v1",
    "Sidecar",
    { spec: own === undefined ? {} : { workloadSelector: { labels: own } } },
    metadata,
  );
const more = { name: "more" };
const unheeded =
  "Sidecar shop/web: the pods of shop have no sidecar but their node's proxy, which reads no Sidecar. " +
  "Take it away, or say what it says by a Service's exportTo.";
const two = manifest("v1", "Pod", { spec: pod() }, { labels: { ...labels, tier: "a" } });

test.each<[string, object[]]>([
  ["one for the namespace", [meshed, sidecar(undefined), workload()]],
  ["one for the namespace, and one for a pod", [sidecar(undefined), sidecar(labels, more), workload()]],
  ["two for two workloads", [sidecar(labels), sidecar({ app: "db" }, more), workload()]],
  ["two for nobody", [sidecar(labels), sidecar(labels, more)]],
  ["two of two namespaces", [sidecar(undefined), sidecar({}, { namespace: "bank" })]],
  ["two for pods of two namespaces", [sidecar(labels), sidecar(labels, { namespace: "bank" }), workload()]],
  [
    "one of a namespace with sidecars, whatever it says of its nodes' proxies",
    ["istio.io/rev", "istio-injection"].flatMap((key, index) => [
      namespace(`s${String(index)}`, { [key]: "enabled", "istio.io/dataplane-mode": "ambient" }),
      sidecar(undefined, { namespace: `s${String(index)}` }),
    ]),
  ],
  ["another group's kind", [sidecar(undefined), { ...sidecar(undefined, more), apiVersion: "example.com/v1" }]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string[]]>([
  [
    "two for the namespace",
    [sidecar(undefined), sidecar({}, more)],
    [
      "Sidecar shop/web: Sidecar shop/more is for all pods of shop, too. Put both into one, or give one a workloadSelector.",
      "Sidecar shop/more: Sidecar shop/web is for all pods of shop, too. Put both into one, or give one a workloadSelector.",
    ],
  ],
  [
    "two for a pod",
    [sidecar(labels), sidecar({ tier: "a" }, more), two],
    [
      "Sidecar shop/web: it selects the pods of Pod shop/web, as Sidecar shop/more does. Narrow spec.workloadSelector.labels, or put both into one.",
      "Sidecar shop/more: it selects the pods of Pod shop/web, as Sidecar shop/web does. Narrow spec.workloadSelector.labels, or put both into one.",
    ],
  ],
  [
    "one where injection is turned off, and proxies are those of nodes",
    [
      namespace("shop", {
        "istio-injection": "disabled",
        "istio.io/rev": "stable",
        "istio.io/dataplane-mode": "ambient",
      }),
      sidecar(undefined),
    ],
    [unheeded],
  ],
  [
    "one where proxies read none",
    [namespace("shop", { "istio.io/dataplane-mode": "ambient" }), sidecar(labels), workload()],
    [unheeded],
  ],
])("refuses %s", (_, objects, expected) => {
  expect(said(...objects)).toEqual(expected);
});

test("says it of the spec, or of the selector", () => {
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-23" };
  const paths = (...objects: object[]) =>
    judge([disallowOverlappingSidecars], new Objects(objects.flatMap((one) => objectsOfManifest(one))), settings).map(
      ({ path }) => path,
    );
  expect(paths(sidecar(undefined), sidecar({}, more))).toEqual(["spec", "spec"]);
  expect(paths(namespace("shop", { "istio.io/dataplane-mode": "ambient" }), sidecar(undefined))).toEqual(["spec"]);
  const selector = "spec.workloadSelector.labels";
  expect(paths(sidecar(labels), sidecar(labels, more), workload())).toEqual([selector, selector]);
});

test("tells of one other, and goes by those that are for all", () => {
  expect(said(sidecar({}, more), sidecar(labels), sidecar(labels, { name: "third" }), workload())).toHaveLength(2);
});

test("is undecided while a selector, or the labels of a pod, are not known", () => {
  expect(said(sidecar({ app: unknown }))).toEqual([
    expect.stringContaining("spec.workloadSelector.labels.app is not known"),
  ]);
  const unread = "spec.workloadSelector.labels.app of Sidecar shop/more is not known";
  expect(said(sidecar(undefined), sidecar({ app: unknown }, more))).toContainEqual(expect.stringContaining(unread));
  expect(said(sidecar(labels), sidecar({ app: unknown }, more), workload())).toContainEqual(
    expect.stringContaining(unread),
  );
  const hidden = manifest("v1", "Pod", { spec: pod() }, { labels: { app: unknown } });
  expect(said(sidecar(labels), hidden)).toEqual([]);
  expect(said(sidecar(labels), sidecar({ tier: "a" }, more), hidden)).toHaveLength(2);
});
