import { requireStrictMtls } from "../../../policies/mesh/require-strict-mtls.ts";
import { unknown } from "../../lib/unknown.ts";
import { meshed, namespace, outOfMesh, peers } from "../meshes.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireStrictMtls], objects);
const root = { namespace: "istio-system" };
const selector = { selector: { matchLabels: { app: "web" } } };

test.each<[string, object[]]>([
  ["STRICT for the whole mesh", [meshed, peers("STRICT", root)]],
  ["STRICT of its own", [meshed, peers("STRICT")]],
  ["STRICT of its own over less for the mesh", [meshed, peers("STRICT"), peers("PERMISSIVE", root)]],
  ["nothing of its own under STRICT", [meshed, peers("UNSET"), peers("STRICT", root)]],
  [
    "STRICT, and less for single pods, which another rule sees",
    [meshed, peers("STRICT"), peers("DISABLE", { name: "x" }, selector)],
  ],
])("accepts a namespace of the mesh with %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each(outOfMesh)("asks nothing of a namespace with %j", (own) => {
  expect(said(namespace("shop", own))).toEqual([]);
});

test.each<[string, object[], string]>([
  ["nothing", [], "no PeerAuthentication of shop, or of istio-system for the whole mesh, says STRICT"],
  ["STRICT for single pods", [peers("STRICT", {}, selector)], "no PeerAuthentication"],
  ["STRICT of another namespace", [peers("STRICT", { namespace: "bank" })], "no PeerAuthentication"],
  [
    "PERMISSIVE of its own",
    [peers("PERMISSIVE"), peers("STRICT", root)],
    "a PeerAuthentication of shop says PERMISSIVE",
  ],
  ["DISABLE for the whole mesh", [peers("DISABLE", root)], "a PeerAuthentication of istio-system says DISABLE"],
])("refuses a namespace of the mesh with %s", (_, objects, message) => {
  expect(said(meshed, ...objects)).toEqual([expect.stringContaining(`Namespace shop: ${message}`)]);
});

test("counts namespaces in ambient mode", () => {
  expect(said(namespace("shop", { "istio.io/dataplane-mode": "ambient" }))).toHaveLength(1);
});

test("is undecided while labels or a mode are not known", () => {
  expect(said(namespace("shop", { "istio.io/rev": unknown }))).toHaveLength(1);
  expect(said(meshed, peers(unknown))).toEqual([
    expect.stringContaining("spec.mtls.mode of PeerAuthentication shop/web is not known"),
  ]);
});
