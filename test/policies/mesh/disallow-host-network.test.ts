import { disallowHostNetwork } from "../../../policies/mesh/disallow-host-network.ts";
import { unknown } from "../../lib/unknown.ts";
import { meshed, namespace, outOfMesh } from "../meshes.ts";
import { deployment, forms, formsOf, pod, saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowHostNetwork], objects);
const onNode = pod({ hostNetwork: true });

test("accepts pods with a network of their own, and others elsewhere", () => {
  expect(said(meshed, ...forms.map(([, object]) => object))).toEqual([]);
  for (const own of outOfMesh) expect(said(namespace("shop", own), deployment(onNode))).toEqual([]);
});

test.each(formsOf(onNode))("sees a %s", (kind, object) => {
  expect(said(meshed, object)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^${kind} shop/web: pods in their node's network are not in the mesh, and namespace shop is. Remove .*spec.hostNetwork`,
      ),
    ),
  ]);
});

test("counts ambient mode, and is undecided while it is not known", () => {
  expect(said(namespace("shop", { "istio.io/dataplane-mode": "ambient" }), deployment(onNode))).toHaveLength(1);
  expect(said(meshed, deployment(pod({ hostNetwork: unknown })))).toEqual([
    expect.stringContaining("hostNetwork is not"),
  ]);
});
