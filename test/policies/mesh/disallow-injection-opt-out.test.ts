import { disallowInjectionOptOut } from "../../../policies/mesh/disallow-injection-opt-out.ts";
import { unknown } from "../../lib/unknown.ts";
import { inMesh, labelledForms, meshed, namespace, outOfMesh } from "../meshes.ts";
import { deployment, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowInjectionOptOut], objects);
const declines = { "sidecar.istio.io/inject": "false" };
const web = (metadata: object) => deployment(pod(), { template: { metadata, spec: pod() } });

test("accepts pods that say nothing, or ask for a sidecar", () => {
  expect(said(meshed, web({}), web({ labels: { "sidecar.istio.io/inject": "true" } }))).toEqual([]);
});

test.each(labelledForms({ labels: declines }, pod()))("sees a %s", (kind, object) => {
  expect(said(meshed, object)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^${kind} shop/web: its pods decline a sidecar, and namespace shop is in the mesh. Remove ([\\w.]+\\.)?metadata.labels\\["sidecar.istio.io/inject"\\]`,
      ),
    ),
  ]);
});

test("sees annotations, and ambient mode", () => {
  expect(said(meshed, web({ annotations: declines }))).toEqual([
    expect.stringContaining('Remove spec.template.metadata.annotations["sidecar.istio.io/inject"]'),
  ]);
  const ambient = namespace("shop", { "istio.io/dataplane-mode": "ambient" });
  expect(said(ambient, web({ labels: { "istio.io/dataplane-mode": "none" } }))).toHaveLength(1);
  expect(said(ambient, web({ labels: declines }))).toEqual([]);
});

test.each(inMesh)("counts a namespace with %j", (own) => {
  expect(said(namespace("shop", own), web({ labels: declines }))).toHaveLength(1);
});

test.each(outOfMesh)("asks nothing in a namespace with %j", (own) => {
  expect(said(namespace("shop", own), web({ labels: declines }))).toEqual([]);
});

test("takes who declines in a namespace that is not in the stack at his word, but for the system's", () => {
  expect(said(web({ labels: declines }))).toEqual([expect.stringContaining("namespace shop may be in the mesh")]);
  const own = web({ labels: declines });
  expect(said({ ...own, metadata: { namespace: "kube-system", name: "web" } })).toEqual([]);
});

test("is undecided while a label is not known, the pod's or the namespace's", () => {
  expect(said(meshed, web({ labels: { "sidecar.istio.io/inject": unknown } }))).toHaveLength(1);
  expect(said(namespace("shop", { "istio.io/rev": unknown }), web({ labels: declines }))).toEqual([
    expect.stringContaining("of Namespace shop is not known"),
  ]);
});
