import { requireHosts } from "../../../policies/ingress/require-hosts.ts";
import { unknown } from "../../lib/unknown.ts";
import { gateway, ingress, listener, route, rule } from "../ingresses.ts";
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
  ["a default backend alone", [ingress({ rules: undefined, defaultBackend })], "in the place of spec.defaultBackend"],
  [
    "one of an older API",
    [{ ...ingress({ rules: [], backend: {} }), apiVersion: "extensions/v1beta1" }],
    "in the place of spec.backend",
  ],
  [
    "a route without hostnames",
    [route({ hostnames: [] }), gateway()],
    "neither it nor its listener https has a hostname",
  ],
])("refuses %s", (_, objects, message) => {
  expect(said(...objects)).toEqual([expect.stringContaining(message)]);
});

test("is undecided while a host is not known", () => {
  expect(said(ingress({ rules: [rule({ host: unknown })] }))).toEqual([expect.stringContaining("host is not known")]);
});
