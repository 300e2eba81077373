import { requireParents } from "../../../policies/ingress/require-parents.ts";
import { unknown } from "../../lib/unknown.ts";
import { gateway, listener, parent, route } from "../ingresses.ts";
import { clusterWide } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireParents], objects);
const of = (change: object) => route({ parentRefs: [{ ...parent, ...change }] });
const namespace = (name: string, labels: object = {}) => clusterWide("v1", "Namespace", {}, { name, labels });
const taking = (namespaces: object | undefined) => gateway([listener({ allowedRoutes: { namespaces } })]);
const edge = { from: "Selector", selector: { matchLabels: { edge: "yes" } } };

test.each<[string, object[]]>([
  ["a listener by its name", [route(), gateway()]],
  ["a listener by its port", [of({ sectionName: undefined, port: 443 }), gateway()]],
  ["any listener", [of({ sectionName: undefined }), gateway()]],
  ["a listener of its own namespace", [route({}, { namespace: "edge" }), taking({ from: "Same" })]],
  ["a listener of namespaces by a label", [route(), taking(edge), namespace("shop", { edge: "yes" })]],
  [
    "a listener of namespaces by name",
    [route(), taking({ from: "Selector", selector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } })],
  ],
  [
    "one listener of two",
    [of({ sectionName: undefined }), gateway([listener({ allowedRoutes: undefined }), listener()])],
  ],
  [
    "a listener of the Gateway's own namespace, which is the default",
    [route({}, { namespace: "edge" }), taking(undefined)],
  ],
  ["another kind, of the Gateway's API group", [of({ kind: "Mesh", name: "mesh" }), gateway()]],
  ["another group's Gateway", [of({ group: "example.com", name: "other" }), gateway()]],
  ["another stack's Gateway", [route()]],
  ["a Service, of calls inside the mesh", [route({ parentRefs: [{ group: "", kind: "Service", name: "web" }] })]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  ["no parent", [route({ parentRefs: [] })], "it is attached to no Gateway. Name one in spec.parentRefs"],
  [
    "another name",
    [of({ name: "gatway" }), gateway()],
    "the stack makes no Gateway gatway in edge. Correct spec.parentRefs[0].name",
  ],
  [
    "no Gateway in the stack's own namespace",
    [route(), namespace("edge")],
    "the stack makes no Gateway gateway in edge",
  ],
  [
    "another listener",
    [of({ sectionName: "http" }), gateway()],
    "Gateway edge/gateway has no listener http. Correct spec.parentRefs[0].sectionName",
  ],
  [
    "another port",
    [of({ sectionName: undefined, port: 80 }), gateway()],
    "has no listener on port 80. Correct spec.parentRefs[0].port",
  ],
  [
    "a listener of its own namespace alone",
    [route(), taking(undefined)],
    "takes routes of namespace shop. Name another in spec.parentRefs[0]",
  ],
  ["a listener of nobody", [route(), taking({ from: "None" })], "takes routes of namespace shop"],
  [
    "a listener of a selector that is not there",
    [route(), taking({ from: "Selector" })],
    "takes routes of namespace shop",
  ],
  ["a listener of other namespaces", [route(), taking(edge), namespace("shop")], "takes routes of namespace shop"],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a name or a label is not known", () => {
  expect(said(of({ name: unknown }), gateway())).toEqual([
    expect.stringContaining("spec.parentRefs[0].name is not known"),
  ]);
  expect(said(route(), gateway([listener()], {}, { name: unknown }))).toEqual([
    expect.stringContaining("of Gateway edge/"),
  ]);
  expect(said(route(), taking(edge), namespace("shop", { edge: unknown }))).toEqual([
    expect.stringContaining("metadata.labels.edge of Namespace shop"),
  ]);
});
