import { requireGoverningService } from "../../../policies/availability/require-governing-service.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { unknown } from "../../lib/unknown.ts";
import { service } from "../ingresses.ts";
import { labels, manifest, workload } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireGoverningService], objects);
const named = (serviceName: unknown = "web", metadata: object = {}) =>
  workload("StatefulSet", { serviceName }, undefined, metadata);
const single = workload("StatefulSet", { serviceName: "web", replicas: 1 });
const headless = (change: object = {}, metadata: object = {}) =>
  service({ clusterIP: "None", selector: labels, ...change }, metadata);

test.each<[string, object[]]>([
  ["a headless Service of its pods", [named(), headless()]],
  ["a Service with an address for one pod", [single, headless({ clusterIP: undefined })]],
  ["no name", [workload("StatefulSet"), named("")]],
  ["another kind", [workload("Deployment", { serviceName: "web" })]],
  ["another group's kind", [manifest("apps.example/v1", "StatefulSet", { spec: { serviceName: "web" } })]],
  ["one that another object keeps", [named("web", { ownerReferences: [{ kind: "Database", name: "web" }] })]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  ["no Service", [named()], "the stack makes no Service web in shop. Correct spec.serviceName"],
  ["a Service of another name", [named("wbe"), headless()], "the stack makes no Service wbe in shop"],
  ["a Service of another namespace", [named(), headless({}, { namespace: "bank" })], "no Service web in shop"],
  [
    "a Service with an address, of as many pods as somebody else decides",
    [workload("StatefulSet", { serviceName: "web", replicas: undefined }), headless({ clusterIP: undefined })],
    "Service web is not headless, so that no single pod has a name. Name another in spec.serviceName, or put that one right.",
  ],
  ["a Service with an address", [named(), headless({ clusterIP: undefined })], "Service web is not headless"],
  [
    "a Service of other pods",
    [named(), headless({ selector: { app: "wbe" } })],
    "Service web does not select its pods",
  ],
  ["a Service of no pods", [named(), headless({ selector: undefined })], "Service web does not select its pods"],
])("tells of %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("asks a patch of the Service nothing, since it need not say everything", () => {
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
  const patch = objectsOfResource("kubernetes:core/v1:ServicePatch", service());
  const objects = new Objects([...objectsOfResource("kubernetes:apps/v1:StatefulSet", named()), ...patch]);
  expect(judge([requireGoverningService], objects, settings)).toEqual([]);
});

test("is undecided while the Service is not known", () => {
  expect(said(named(unknown))).toEqual([expect.stringContaining("spec.serviceName is not known")]);
  expect(said(named(), headless({ clusterIP: unknown }))).toEqual([
    expect.stringContaining("spec.clusterIP of Service shop/web is not known"),
  ]);
  expect(said(named(), headless({}, { name: unknown }))).toEqual([expect.stringContaining("is not known")]);
});
