import { requireStrictMtls } from "../../../policies/mesh/require-strict-mtls.ts";
import { policyConfigSchema } from "../../../policies/lib/config.ts";
import { judge } from "../../../policies/lib/judge.ts";
import { Objects, objectsOfResource } from "../../../policies/lib/object.ts";
import { unknown } from "../../lib/unknown.ts";
import { manifest } from "../manifests.ts";
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
  [
    "nothing",
    [],
    "no PeerAuthentication of shop, or of istio-system for the whole mesh, says STRICT. Say mtls.mode STRICT in one of shop or istio-system, or take it out of the mesh in metadata.labels.",
  ],
  [
    "nothing, and another object of its name",
    [manifest("v1", "ConfigMap", {}, { name: "shop" })],
    "no PeerAuthentication",
  ],
  [
    "STRICT, and PERMISSIVE beside it",
    [peers("STRICT"), peers("PERMISSIVE", { name: "more" })],
    "a PeerAuthentication of shop says PERMISSIVE",
  ],
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

test("says it of the Namespace, and not of a patch of it again", () => {
  const settings = { config: policyConfigSchema.parse({}), today: "2026-11-21" };
  const objects = ["Namespace", "NamespacePatch"].flatMap((kind) =>
    objectsOfResource(`kubernetes:core/v1:${kind}`, meshed),
  );
  expect(judge([requireStrictMtls], new Objects(objects), settings)).toHaveLength(1);
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
