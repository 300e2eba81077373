import { requireHosts } from "../../../policies/ingress/require-hosts.ts";
import { unknown } from "../../lib/unknown.ts";
import { gateway, ingress, listener, parent, route, rule } from "../ingresses.ts";
import { listOf } from "../manifests.ts";
import { saidOf } from "../workloads.ts";

const said = (...objects: object[]) => saidOf([requireHosts], objects);
const defaultBackend = { service: { name: "web", port: { number: 80 } } };

test.each<[string, object[]]>([
  ["an Ingress with hosts", [ingress()]],
  ["one with a default backend beside them", [ingress({ defaultBackend })]],
  ["a route with hostnames", [route(), gateway()]],
  [
    "a route under its listener's hostname",
    [route({ hostnames: undefined }), gateway([listener({ hostname: "web.example" })])],
  ],
  ["a route of a Gateway that is not in the stack", [route({ hostnames: undefined })]],
  [
    "a route of calls inside the mesh",
    [route({ hostnames: undefined, parentRefs: [{ group: "", kind: "Service", name: "web" }] })],
  ],
  ["an Ingress that says nothing", [ingress({ rules: [] })]],
  ["a route of another API group", [{ ...route({ hostnames: undefined }), apiVersion: "example.com/v1" }, gateway()]],
  [
    "a route of what is no Gateway, but is named like one",
    [
      route({ hostnames: undefined, parentRefs: [{ ...parent, kind: "Mesh" }] }),
      route({ hostnames: undefined, parentRefs: [{ ...parent, group: "example.com" }] }),
      gateway(),
    ],
  ],
  ["a route of bytes", [route({ hostnames: undefined }, {}, "TCPRoute"), gateway()]],
])("accepts %s", (_, objects) => {
  expect(said(...objects)).toEqual([]);
});

test.each<[string, object[], string]>([
  [
    "a rule without a host",
    [ingress({ rules: [rule(), rule({ host: undefined })] })],
    "takes the requests of every name. Write it in spec.rules[1].host",
  ],
  ["an empty host", [listOf(ingress({ rules: [rule({ host: "" })] }))], "items[0].spec.rules[0].host"],
  [
    "a default backend alone",
    [ingress({ rules: undefined, defaultBackend })],
    "it has no rules, and its default backend takes the requests of every name. Write a rule with a host in spec.rules in the place of spec.defaultBackend",
  ],
  [
    "one of an older API",
    [{ ...ingress({ rules: [], backend: {} }), apiVersion: "extensions/v1beta1" }],
    "in the place of spec.backend",
  ],
  [
    "a route without hostnames",
    [route({ hostnames: [] }), gateway()],
    "neither it nor its listener https has a hostname, so that it takes the requests of every name. Write them in spec.hostnames.",
  ],
  [
    "a route of gRPC without hostnames",
    [route({ hostnames: undefined }, {}, "GRPCRoute"), gateway()],
    "neither it nor its listener https has a hostname",
  ],
  [
    "a route under a listener whose hostname is empty",
    [route({ hostnames: undefined }), gateway([listener({ hostname: "" })])],
    "neither it nor its listener https has a hostname",
  ],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a host is not known", () => {
  expect(said(ingress({ rules: [rule({ host: unknown })] }))).toEqual([expect.stringContaining("host is not known")]);
});
