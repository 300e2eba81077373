import { disallowSharedHosts } from "../../../policies/mesh/disallow-shared-hosts.ts";
import { unknown } from "../../lib/unknown.ts";
import { virtualService } from "../meshes.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([disallowSharedHosts], objects);
const more = (spec: object = {}, metadata: object = {}) => virtualService(spec, { name: "more", ...metadata });
const full = "web.shop.svc.cluster.local";

test.each<[string, object[]]>([
  ["one", [virtualService({})]],
  ["two of two hosts", [virtualService({}), more({ hosts: ["db"] })]],
  ["one host of two namespaces", [virtualService({}), more({}, { namespace: "bank" })]],
  ["a delegate, which has no host", [virtualService({ hosts: undefined }), more({ hosts: undefined })]],
  [
    "a name under a pattern of another's, which stands above it",
    [virtualService({ hosts: ["a.example"] }), more({ hosts: ["*.example"] })],
  ],
  ["one for a Gateway alone", [virtualService({}), more({ gateways: ["edge"] })]],
  ["another group's kind", [virtualService({}), { ...more(), apiVersion: "example.com/v1" }]],
  [
    "two that nobody sees both of",
    [
      virtualService({ hosts: [full], exportTo: ["."] }),
      more({ hosts: [full], exportTo: ["."] }, { namespace: "bank" }),
    ],
  ],
  ["two for callers of two namespaces", [virtualService({ exportTo: ["shop"] }), more({ exportTo: ["bank", "mail"] })]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test("tells both of each other", () => {
  expect(said(virtualService({}), more())).toEqual([
    expect.stringContaining(
      "VirtualService shop/more leads calls of web, too. Move the routes of spec.hosts[0] into one of the two, or set spec.exportTo of both",
    ),
    expect.stringContaining("VirtualService shop/web leads calls of web, too"),
  ]);
});

test.each<[string, object[]]>([
  ["one that names sidecars among Gateways", [virtualService({}), more({ gateways: ["edge", "mesh"] })]],
  ["all of its name", [virtualService({}), more({ hosts: [full] }, { namespace: "bank" })]],
  ["a host outside", [virtualService({ hosts: ["a.example"] }), more({ hosts: ["a.example"] }, { namespace: "bank" })]],
  ["a later host", [virtualService({ hosts: ["db", "web"] }), more()]],
  ["one for everybody", [virtualService({ exportTo: ["*"] }), more({ exportTo: ["bank"] })]],
  ["one for its own namespace", [virtualService({ exportTo: ["."] }), more({ exportTo: ["bank", "shop"] })]],
])("refuses %s", (_, objects) => {
  expect(said(...objects)).toHaveLength(2);
});

test("names the path of the host", () => {
  expect(said(virtualService({ hosts: ["db", "web"] }), more())[0]).toContain("spec.hosts[1]");
});

test("is undecided while a host or a Gateway is not known", () => {
  expect(said(virtualService({ hosts: [unknown] }))).toEqual([expect.stringContaining("spec.hosts[0] is not known")]);
  expect(said(virtualService({}), more({ hosts: [unknown] }))).toEqual([
    expect.stringContaining("spec.hosts[0] of VirtualService shop/more is not known"),
    expect.stringContaining("spec.hosts[0] is not known"),
  ]);
  expect(said(virtualService({ gateways: [unknown] }))).toEqual([
    expect.stringContaining("spec.gateways[0] is not known"),
  ]);
});
